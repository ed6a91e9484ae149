from functools import cached_property
from logging import getLogger
from urllib.parse import quote, urlsplit

import msgspec

from penstock.errors import MlflowException
from penstock.rest._api import Api
from penstock.rest._content import Content
from penstock.rest._sink import Sink
from penstock.rest._trust import Trust
from penstock.rest.artifacts.multipart_upload import MultipartUpload
from penstock.rest.artifacts.settings import ArtifactSettings, read_settings

SERVER_INFO = "api/3.0/mlflow/server-info"
PRESIGNED = "mlflow-artifacts/presigned"


class DirectStorage:
    """The storage behind a server, which may let clients speak to it for large files.

    MLflow does so where that storage is one of the big object stores.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self._others: dict[str, Api] = {}

    def store(self, place: str, content: Content, settings: ArtifactSettings) -> bool:
        """Store large content in parts; tell whether that was possible."""
        if content.size < settings.multipart_minimum or not self._takes_parts(settings):
            return False
        return MultipartUpload(self._api, self._api_at, place).store(content, settings.part_size)

    def fetch(
        self, place: str, sink: Sink, settings: ArtifactSettings, *, size: int | None
    ) -> bool:
        """Fetch a large file; tell whether that was possible."""
        if (size or 0) < settings.direct_minimum or not self._gives_files(settings):
            return False
        start = sink.tell()
        try:
            found = self._api.get(f"{PRESIGNED}/{quote(place)}").as_kind(_Presigned)
            self._api_at(found.url).fetch_at(found.url, sink, size=size, headers=found.headers)
        except MlflowException as error:
            getLogger("penstock.rest").warning("%s; fetching it through the server", error)
            sink.seek(start)
            sink.truncate()
            return False
        return True

    def close(self) -> None:
        """End all connections to the storage."""
        for api in self._others.values():
            api.close()

    def _takes_parts(self, settings: ArtifactSettings) -> bool:
        wanted = settings.is_multipart
        return self._offers.multipart_uploads_enabled if wanted is None else wanted

    def _gives_files(self, settings: ArtifactSettings) -> bool:
        wanted = settings.is_direct
        return self._offers.multipart_downloads_enabled if wanted is None else wanted

    @cached_property
    def _offers(self) -> "_Offers":
        try:
            return self._api.get(SERVER_INFO).as_kind(_Offers)
        except MlflowException:
            return _Offers()  # a server too old to have this call

    def _api_at(self, url: str) -> Api:
        """Return the API of the storage's host, which gets none of our credentials."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._others:
            own = self._api.connection
            trust = Trust(not read_settings().ignores_tls_of_s3, own.trust.bundle)
            self._others[origin] = Api(own._replace(base_url=origin, credentials=None, trust=trust))
        return self._others[origin]


class _Offers(msgspec.Struct):
    multipart_uploads_enabled: bool = False
    multipart_downloads_enabled: bool = False


class _Presigned(msgspec.Struct):
    url: str
    headers: dict[str, str] = {}
