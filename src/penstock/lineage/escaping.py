"""Any text as one of few characters, and back: `_xNN_` stands for the character NN. Pure.

What needs no escape stays as it is, so that keys can be read and searched in MLflow's pages.
"""

import posixpath
import re
from typing import Final

_ESCAPE: Final = re.compile(r"_x([0-9a-f]{1,6})_")
_IN_KEYS: Final = r"/\w.\- :"
_IN_NAMES: Final = r"\w.\- "
_LAST_CHARACTER: Final = 0x10FFFF


def escape_key(text: str) -> str:
    """Return a text as MLflow takes it for the key of a tag or param, whatever its length."""
    key = _escape(text, _IN_KEYS)
    return key if _is_unambiguous(key) else _escape_dots(_escape(text, _IN_NAMES))


def escape_name(text: str) -> str:
    """Return a text as one part of an artifact's path, whatever its length."""
    name = _escape(text, _IN_NAMES)
    if name.endswith((" ", ".")):
        name = name[:-1] + _code(name[-1])
    if name.startswith(" "):
        # MLflow lists what is in a folder of the name without it.
        name = _code(" ") + name[1:]
    return name if _is_unambiguous(name) else _escape_dots(name)


def unescape(text: str) -> str:
    """Return the text that was escaped."""
    return _ESCAPE.sub(_character, text)


def _escape(text: str, allowed: str) -> str:
    # An underscore that would seem to begin an escape is one of what must be escaped.
    pattern = rf"[^{allowed}]|_(?=x[0-9a-f]{{1,6}}(?:_|[^{allowed}]))"
    return re.sub(pattern, lambda found: _code(found[0]), text)


def _escape_dots(name: str) -> str:
    begin = len(name) - len(name.lstrip("."))
    return "".join(_code(dot) for dot in name[:begin]) + name[begin:]


def _is_unambiguous(name: str) -> bool:
    # MLflow refuses names that a path could also spell in another way.
    return posixpath.normpath(name) == name and not name.startswith((".", "/"))


def _code(character: str) -> str:
    return f"_x{ord(character):x}_"


def _character(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return chr(number) if number <= _LAST_CHARACTER else found[0]
