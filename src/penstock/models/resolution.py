import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Resolution:
    """Which model a reference means: one whose files never change.

    `key` names those files wherever they are kept; `source` is what they are downloaded by.
    """

    key: str
    source: str
    model_uri: str
    name: str | None = None
    version: str | None = None
    run_id: str | None = None
    status: str | None = None

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON can say it."""
        return asdict(self)


def parse_resolution(document: object) -> Resolution:
    """Return what `to_document` gave. Raises ValueError for anything else."""
    if not isinstance(document, dict):
        raise ValueError("this is no resolution of a model")  # noqa: TRY004 - as documented
    names = Resolution.__dataclass_fields__
    given = {name: document[name] for name in names if name in document}
    if not all(value is None or isinstance(value, str) for value in given.values()):
        raise ValueError("a resolution of a model holds texts alone")
    try:
        found = Resolution(**given)
    except TypeError as error:
        raise ValueError(f"this is no resolution of a model: {error}") from error
    # It becomes the name of a folder.
    if "/" in found.key or found.key in {".", ".."}:
        raise ValueError(f"{found.key!r} is no key of a model")
    return found


def make_key(*parts: object) -> str:
    """Return a name for files that is the same wherever all these parts are."""
    text = json.dumps([str(part) for part in parts], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
