"""Texts that every database and MLflow can hold, for the bodies of `/v1`."""

import posixpath
from typing import Annotated, Final

from pydantic import AfterValidator, Field

MOST_NAME: Final = 500
MOST_KEY: Final = 250
MOST_TAG_VALUE: Final = 8_000
MOST_PARAM_VALUE: Final = 6_000

WITHOUT_NUL: Final = r"^[^\x00]*$"
PRINTED: Final = r"^[^\x00-\x1f\x7f]*$"
KEY: Final = r"^[/\w.\- :]+$"


def _check_path(key: str) -> str:
    # MLflow keeps some keys as files, and refuses those that would lead elsewhere.
    if posixpath.normpath(key) != key or key.startswith(("..", "/")) or key == ".":
        raise ValueError("must not hold '//', './' or '../', nor begin or end with '/'")
    return key


Name = Annotated[str, Field(min_length=1, max_length=MOST_NAME, pattern=PRINTED)]
"""The name of an experiment."""

RunName = Annotated[str, Field(max_length=MOST_KEY, pattern=PRINTED)]

Key = Annotated[
    str, Field(min_length=1, max_length=MOST_KEY, pattern=KEY), AfterValidator(_check_path)
]
"""The key of a metric, a parameter or a tag."""

TagValue = Annotated[str, Field(max_length=MOST_TAG_VALUE, pattern=WITHOUT_NUL)]
