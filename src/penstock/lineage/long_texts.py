"""Texts that are too long for a tag: they lie in an artifact, and the tag says in which."""

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Final

from penstock.lineage.tag_key import LONGEST_TEXT
from penstock.rest import MlflowClient

_FOLDER: Final = "metadata"
_POINTER: Final = "$artifact"


class LongTexts:
    """Keeps long texts as artifacts of their run, each under the digest of what it says."""

    def __init__(self, client: MlflowClient) -> None:
        self._client = client

    def shorten(self, run_id: str, text: str) -> str:
        """Return what goes into the tag: the text itself, or where it has just been put.

        MLflow 3.17 cuts a tag of more than 8,000 characters without a word, MLflow 2.12 refuses
        one of more than 5,000. An artifact never changes, so a tag that names one is whole.
        """
        if len(text) <= LONGEST_TEXT and _pointed_at(text) is None:
            return text
        path = f"{_FOLDER}/{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}.txt"
        self._client.log_text(run_id, text, path)
        return json.dumps({_POINTER: path})

    def restore(self, run_id: str, text: str) -> str:
        """Return the text that a tag stands for."""
        path = _pointed_at(text)
        if path is None:
            return text
        with tempfile.TemporaryDirectory() as folder:
            file = self._client.download_artifacts(run_id, path, folder)
            return Path(file).read_bytes().decode()


def _pointed_at(text: str) -> str | None:
    if not text.startswith(f'{{"{_POINTER}"'):
        return None
    try:
        document = json.loads(text)
    except ValueError:
        return None
    path = document.get(_POINTER) if list(document) == [_POINTER] else None
    return path if isinstance(path, str) else None
