"""The keys of tags: `{resource id}.{key}`, within MLflow's limits. Pure."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from penstock.errors import LineageError
from penstock.lineage.escaping import escape_key, unescape

LONGEST_KEY: Final = 250
LONGEST_TEXT: Final = 5000
_PREFIX: Final = 200
_DIGEST: Final = 32
_BESIDE: Final = ".key"


class TagKey(NamedTuple):
    """A key as MLflow has it; `full` is the whole of a key that was too long, else None."""

    key: str
    full: str | None = None

    @property
    def beside(self) -> str:
        """Return the key of the tag that holds the full one."""
        return f"{self.key}{_BESIDE}"


def tag_key(text: str) -> TagKey:
    """Return the key for a text. Raises LineageError if it is empty, or longer than a tag."""
    if not text:
        raise LineageError("a key of metadata must not be empty; name what you log")
    escaped = escape_key(text)
    if len(escaped) <= LONGEST_KEY:
        return TagKey(escaped)
    if len(escaped) > LONGEST_TEXT:
        raise LineageError(
            f"'{text[:40]}…' is too long for a resource id and a key: together they may have "
            f"{LONGEST_TEXT} characters, not {len(escaped)}; use a shorter one"
        )
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:_DIGEST]
    return TagKey(f"{escaped[:_PREFIX]}_h{digest}", escaped)


def iter_texts(tags: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the text that each key stands for, with the key."""
    for key in tags:
        full = tags.get(f"{key}{_BESIDE}")
        if full is not None and len(full) > LONGEST_KEY:
            yield unescape(full), key
        elif not _is_beside(key, tags):
            yield unescape(key), key


def _is_beside(key: str, tags: Mapping[str, str]) -> bool:
    return key.endswith(_BESIDE) and key[: -len(_BESIDE)] in tags and len(tags[key]) > LONGEST_KEY
