"""URIs of artifacts, and whether one lies below another. Pure.

Every run, logged model and trace has a root of its own, which MLflow made from its id. A location
belongs to the one below whose root it lies; so files of an experiment whose `artifact_location`
lies inside another's folder do not belong to that other experiment.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from penstock.gateway.permissions.reference import Named

MAX_CANDIDATES = 8
MAX_DECODINGS = 10
STORE_SCHEME = "mlflow-artifacts"
STORE_ADDRESS = ("api", "2.0", "mlflow-artifacts", "artifacts")
"""Where MLflow serves its store by HTTP."""

LEAF = "artifacts"
"""The last segment of each root."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_AMBIGUOUS = re.compile(r"[\x00-\x1f\x7f/\\#]")
_HEXADECIMAL = re.compile(r"(?:m-)?[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Location:
    """A URI in parts; those of MLflow's own store have one form, whatever they were written as."""

    scheme: str
    authority: str
    segments: tuple[str, ...]

    def is_below(self, root: "Location") -> bool:
        """Return whether this is a root, or lies below it."""
        count = len(root.segments)
        return (
            (self.scheme, self.authority) == (root.scheme, root.authority)
            and count > 0
            and self.segments[:count] == root.segments
        )

    def candidates(self) -> list[tuple[Named, str]]:
        """Return what it may belong to by its form, the innermost first."""
        found = []
        parts = ("", *self.segments)
        for folder, segment, following in zip(parts, parts[1:], parts[2:], strict=False):
            if following == LEAF and (named := _candidate(folder, segment)):
                found.append((named, segment))
        return found[MAX_CANDIDATES::-1]


def _candidate(folder: str, segment: str) -> Named | None:
    # Beside its runs, an experiment's folder has `models` and `traces`.
    if folder == "traces":
        return Named.TRACE
    if not _HEXADECIMAL.fullmatch(segment):
        return None
    return Named.LOGGED_MODEL if folder == "models" else Named.RUN


def parse_location(uri: str) -> Location | None:
    """Return the parts of a URI, percent-decoded, or None where it could be read in two ways."""
    found = _SCHEME.fullmatch(uri)
    scheme, rest = (found[1].lower(), found[2]) if found else ("", uri)
    authority = ""
    if rest.startswith("//"):
        authority, slash, rest = rest[2:].partition("/")
        rest = slash + rest
    segments = _segments(rest)
    if segments is None:
        return None
    if scheme == STORE_SCHEME:
        return Location(STORE_SCHEME, "", segments)
    count = len(STORE_ADDRESS)
    if scheme in {"http", "https"}:
        for start in range(len(segments) - count + 1):
            if segments[start : start + count] == STORE_ADDRESS:
                return Location(STORE_SCHEME, "", segments[start + count :])
    return Location(scheme, authority.lower(), segments)


def _segments(path: str) -> tuple[str, ...] | None:
    if not path.startswith("/"):
        return None
    segments = tuple(_decode(segment) for segment in path[1:].removesuffix("/").split("/"))
    if any(segment in {"", ".", ".."} or _AMBIGUOUS.search(segment) for segment in segments):
        return None
    return segments


def _decode(segment: str) -> str:
    for _ in range(MAX_DECODINGS):
        decoded = unquote(segment)
        if decoded == segment:
            return segment
        segment = decoded
    return ""
