from collections.abc import Iterator
from math import ceil
from mimetypes import guess_type
from typing import Any

from penstock.rest._content import Content
from penstock.rest._sink import Sink
from penstock.rest.artifacts.libraries import load_library
from penstock.rest.artifacts.listing import check_listing
from penstock.rest.artifacts.paths import join_path
from penstock.rest.artifacts.s3_access import S3Access
from penstock.rest.artifacts.s3_errors import told_as_ours
from penstock.rest.entities import FileInfo

PART_SIZE = 8 << 20
MOST_PARTS = 10_000
PARTS_AT_ONCE = 4
"""Of each file: no more parts than these are in memory."""


class S3Root:
    """A folder in S3, reached without the server."""

    def __init__(self, access: S3Access, bucket: str, prefix: str) -> None:
        self._access = access
        self._bucket = bucket
        self._prefix = prefix

    def children(self, path: str) -> list[FileInfo]:
        """Return the files and folders in a folder; nothing for a file."""
        folder = join_path(self._prefix, path)
        prefix = f"{folder}/" if folder else ""
        found = []
        for page in self._pages(prefix):
            for item in page.get("CommonPrefixes", ()):
                name = item["Prefix"].removeprefix(prefix).removesuffix("/")
                found.append(FileInfo(join_path(path, name), is_dir=True))
            for item in page.get("Contents", ()):
                name = item["Key"].removeprefix(prefix)
                # An empty object with the folder's own name stands for the folder.
                if name:
                    found.append(FileInfo(join_path(path, name), file_size=item["Size"]))
        return check_listing(path, found)

    def fetch(self, path: str, sink: Sink, *, size: int | None) -> None:  # noqa: ARG002 - S3 tells it
        """Write the content of one file to a sink."""
        key = join_path(self._prefix, path)
        client = self._access.client()
        with told_as_ours("fetch", self._place(key)):
            client.boto.download_fileobj(
                self._bucket,
                key,
                _Writer(sink),
                ExtraArgs=client.owner,
                Config=_transfer_config(PART_SIZE),
            )

    def store(self, path: str, content: Content) -> None:
        """Make content the one of a file; in parts if it is large."""
        key = join_path(self._prefix, path)
        client = self._access.client()
        arguments = {**_described(path), **client.owner, **client.upload}
        with told_as_ours("store", self._place(key)):
            if content.size <= PART_SIZE:
                body = b"".join(content.chunks())
                client.boto.put_object(Bucket=self._bucket, Key=key, Body=body, **arguments)
                return
            client.boto.upload_fileobj(
                _Reader(content),
                self._bucket,
                key,
                ExtraArgs=arguments,
                Config=_transfer_config(max(PART_SIZE, ceil(content.size / MOST_PARTS))),
            )

    def check_name(self, path: str) -> None:
        """Take every safe path as it is: a key in S3 is any text."""

    def _pages(self, prefix: str) -> Iterator[dict[str, Any]]:
        client = self._access.client()
        with told_as_ours("list", self._place(prefix)):
            paginator = client.boto.get_paginator("list_objects_v2")
            yield from paginator.paginate(
                Bucket=self._bucket, Prefix=prefix, Delimiter="/", **client.owner
            )

    def _place(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"


class _Writer:
    """A sink as `boto3` wants it, which can write in order only."""

    def __init__(self, sink: Sink) -> None:
        self.write = sink.write


class _Reader:
    """Content as `boto3` wants it, which can be read in order only."""

    def __init__(self, content: Content) -> None:
        self._chunks = content.chunks()
        self._rest = bytearray()

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._rest) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._rest += chunk
        end = len(self._rest) if size < 0 else size
        data = bytes(self._rest[:end])
        del self._rest[:end]
        return data


def _described(path: str) -> dict[str, str]:
    kind, encoding = guess_type(path)
    found = {"ContentType": kind, "ContentEncoding": encoding}
    return {name: value for name, value in found.items() if value is not None}


def _transfer_config(part_size: int) -> Any:  # noqa: ANN401 - boto3 has no types
    transfer = load_library("boto3.s3.transfer", "pip install 'penstock[s3]'")
    config = transfer.TransferConfig(
        multipart_threshold=part_size,
        multipart_chunksize=part_size,
        max_concurrency=PARTS_AT_ONCE,
    )
    config.max_in_memory_upload_chunks = PARTS_AT_ONCE
    config.max_in_memory_download_chunks = PARTS_AT_ONCE
    return config
