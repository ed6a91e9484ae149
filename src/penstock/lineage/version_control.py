"""What a version control system said of a resource: which commit, and where."""

from collections.abc import Mapping
from typing import Any, Final

from penstock.lineage.metadata import Metadata, check_mapping
from penstock.lineage.resource import Place

HEXSHA: Final = "hexsha"
URI: Final = "uri"
_REST: Final = "vc_info"
_PLAIN: Final = (HEXSHA, URI)


class VersionControl:
    """Keeps the commit and address of resources, or of parts of them, each under a key."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata

    def register(self, place: Place, vc_info: Mapping[str, Any], key: str | None) -> None:
        """Keep what was said; hexsha and uri each in a tag of its own, as text."""
        check_mapping(vc_info, "vc_info")
        begin = _begin(key)
        texts = {
            f"{begin}{name}": str(vc_info[name]) for name in _PLAIN if vc_info.get(name) is not None
        }
        rest = {name: value for name, value in vc_info.items() if name not in _PLAIN}
        if texts:
            self._metadata.update_texts(place, texts)
        if rest:
            self._metadata.update(place, {f"{begin}{_REST}": rest})

    def get(self, place: Place, key: str | None = HEXSHA) -> dict[str, Any]:
        """Return what was said; nothing is an empty dictionary."""
        begin = _begin(key)
        found = {name: self._metadata.find_text(place, f"{begin}{name}") for name in _PLAIN}
        known: dict[str, Any] = {name: text for name, text in found.items() if text is not None}
        rest = self._metadata.get(place, f"{begin}{_REST}")
        return known | rest if isinstance(rest, dict) else known


def _begin(key: str | None) -> str:
    """Return what stands before the names of a key, which may be given with `_hexsha` behind it."""
    if not key or key == HEXSHA:
        return ""
    return f"{key.removesuffix(f'_{HEXSHA}')}_"
