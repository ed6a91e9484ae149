"""The semantic versions of a station's models, which stand in tags of the registry's versions."""

from typing import Final

from penstock.errors import MlflowException
from penstock.models.reference import refer_to
from penstock.models.registry_entry import list_versions
from penstock.models.station import next_version, read_version
from penstock.rest import MlflowClient
from penstock.rest.entities import ModelVersion
from penstock.semver import SemVer
from penstock.uris import ModelsUri

VERSION_TAG: Final = "version"


def find_next_version(client: MlflowClient, name: str) -> SemVer:
    """Return the version after the highest that is registered."""
    known = [_read(version) for version in list_versions(client, name)]
    return next_version([one for one in known if one is not None])


def find_uri(client: MlflowClient, name: str, version: str | int | None) -> ModelsUri:
    """Return the URI of a version: by number, `latest`, alias, stage, or semantic version.

    Of a semantic version that was registered more than once, the newest counts. Raises
    MlflowException.
    """
    wanted = read_version(str(version))
    if wanted is None:
        return refer_to(name, version).models_uri or ModelsUri(name)
    found = [int(one.version) for one in list_versions(client, name) if _read(one) == wanted]
    if not found:
        raise MlflowException(f"'{name}' has no version {wanted}", "RESOURCE_DOES_NOT_EXIST")
    return ModelsUri(name, version=max(found))


def _read(version: ModelVersion) -> SemVer | None:
    return read_version(version.tags.get(VERSION_TAG, ""))
