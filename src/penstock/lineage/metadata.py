from collections.abc import Mapping
from typing import Any, Final

from penstock.errors import LineageError
from penstock.lineage import metadata_codec
from penstock.lineage.resource import Place
from penstock.lineage.run_tags import RunTags

_PARAM: Final = "param"
"""What stands in the id of metadata that are params as well."""


def check_mapping(value: object, name: str) -> None:
    """Raise LineageError unless a value is a dictionary, or like one."""
    if not isinstance(value, Mapping):
        raise LineageError(f"{name} must be a dictionary, not {type(value).__name__}")


class Metadata:
    """What is known of resources: values of any kind, each under a key."""

    def __init__(self, tags: RunTags) -> None:
        self._tags = tags

    def log(self, place: Place, key: str, value: object) -> None:
        """Log one value; a dictionary whose key speaks of params becomes params of the run too."""
        self.update(place, {key: value})
        if _PARAM in key and isinstance(value, Mapping):
            self._tags.params.log(place.run_id, value)

    def update(self, place: Place, values: Mapping[str, object]) -> None:
        """Log several values at once."""
        check_mapping(values, "updates")
        self.update_texts(
            place, {key: metadata_codec.encode(value) for key, value in values.items()}
        )

    def update_texts(self, place: Place, texts: Mapping[str, str]) -> None:
        """Log several texts as they are."""
        self._tags.write(place.run_id, {place.name(key): text for key, text in texts.items()})

    def get(self, place: Place, key: str) -> Any:  # noqa: ANN401 - metadata is any
        """Return a value, None if there is none."""
        text = self.find_text(place, key)
        return None if text is None else metadata_codec.decode(text)

    def find_text(self, place: Place, key: str) -> str | None:
        """Return a text as it stands in its tag, or None."""
        return self._tags.find(place.run_id, place.name(key))

    def read(self, place: Place) -> dict[str, str]:
        """Return the texts of all that is known of a resource; long ones as they stand there.

        An id that goes on after a dot belongs to another resource, but looks the same from here.
        """
        begin = f"{place.resource_id}."
        texts = self._tags.read(place.run_id)
        return {name[len(begin) :]: text for name, text in texts.items() if name.startswith(begin)}
