import json
import os
from contextlib import suppress
from pathlib import Path

from penstock.errors import CacheError
from penstock.models.cache.folder import CacheFolder, unusable
from penstock.models.resolution import Resolution, make_key, parse_resolution


class Pins:
    """What references meant when a server was last asked: for when it is away.

    `realm` is the address of that server: the same name means something else on another one.
    """

    def __init__(self, folder: CacheFolder, realm: str) -> None:
        self._folder = folder
        self._realm = realm

    def find(self, reference: str) -> Resolution | None:
        """Return what a reference meant, or None; a damaged note counts as none."""
        file = self._folder.pin(self._key(reference))
        with suppress(CacheError):
            self._folder.check()
            return read_pin(file)
        return None

    def keep(self, reference: str, resolution: Resolution) -> None:
        """Note what a reference means now. Raises CacheError."""
        if self.find(reference) == resolution:
            return
        file = self._folder.pin(self._key(reference))
        document = {"reference": reference, "resolution": resolution.to_document()}
        beside = file.with_name(f".{file.name}.{os.urandom(4).hex()}")
        self._folder.make()
        try:
            beside.write_text(json.dumps(document), encoding="utf-8")
            beside.replace(file)
        except OSError as error:
            with suppress(OSError):
                beside.unlink()
            raise unusable(self._folder.path, error) from error

    def forget(self, name: str) -> None:
        """Forget what was known of a registered model, on whichever server. Raises CacheError."""
        try:
            for file in self._folder.list_pins():
                meant = read_pin(file)
                if meant is not None and meant.name == name:
                    file.unlink(missing_ok=True)
        except OSError as error:
            raise unusable(self._folder.path, error) from error

    def _key(self, reference: str) -> str:
        return make_key(self._realm, reference)


def read_pin(file: Path) -> Resolution | None:
    """Return what a reference meant, or None; a damaged note counts as none."""
    try:
        return parse_resolution(json.loads(file.read_bytes())["resolution"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
