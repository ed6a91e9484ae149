from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flavour:
    """A way in which MLflow saves the models of one library, and loads them again.

    `roots` are the packages whose classes it saves; `library` is what to install; `key` is what
    the flavour is called in an MLmodel file.
    """

    name: str
    library: str
    roots: tuple[str, ...] = ()
    key: str = ""
    module: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.key or self.name)
        object.__setattr__(self, "module", self.module or f"mlflow.{self.name}")

    def __str__(self) -> str:
        return self.name
