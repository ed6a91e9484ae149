"""A bucket in S3: found or made, and tried."""

import os
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from penstock.cli.bucket_address import BucketAddress
from penstock.errors import ConfigurationError, MlflowException, PermissionDenied
from penstock.rest.artifacts.libraries import load_library
from penstock.rest.artifacts.s3_access import S3Client, make_client
from penstock.rest.artifacts.s3_errors import told_as_ours

_USUAL_REGION: Final = "us-east-1"
"""Where a bucket is made whose region nobody names; S3 does not take that name for one."""

_CONTENT: Final = b"Penstock has tried whether it can write here.\n"


class Origin(StrEnum):
    """Where a bucket comes from."""

    FOUND = "found"
    CREATED = "created"


@dataclass(frozen=True, slots=True)
class Storage:
    """A place in S3 that is ready for artifacts."""

    address: BucketAddress
    origin: Origin
    region: str
    endpoint: str

    def as_json(self) -> dict[str, Any]:
        """Return the place as a JSON object."""
        return {
            "address": str(self.address),
            "bucket": self.address.bucket,
            "prefix": self.address.prefix,
            "origin": self.origin.value,
            "region": self.region,
            "endpoint": self.endpoint,
        }


def set_up_bucket(address: BucketAddress, *, region: str | None = None) -> Storage:
    """Find a bucket or make it, and try to write, read and delete below the prefix.

    Raises ConfigurationError where it is in another region than asked for, PermissionDenied where
    it is somebody else's, Unauthenticated, ServerUnreachable and MlflowException.
    """
    client = make_client(region)
    endpoint: str = client.boto.meta.endpoint_url
    found = _find_region(client, address)
    if found is None:
        place = _create(client, address)
        _try(client, address)
        return Storage(address, Origin.CREATED, place, endpoint)
    if region is not None and found and found != region:
        raise ConfigurationError(
            f"the bucket '{address.bucket}' is in {found}, not in {region}; leave --region out to "
            "use it, or choose another name"
        )
    _try(client, address)
    return Storage(address, Origin.FOUND, found or _own_region(client), endpoint)


def _find_region(client: S3Client, address: BucketAddress) -> str | None:
    """Return the region of a bucket, empty if nobody tells, or None if there is no such bucket."""
    client_error = load_library("botocore.exceptions", "pip install 'penstock[s3]'").ClientError
    with told_as_ours("find", str(address)):
        try:
            answer = client.boto.head_bucket(Bucket=address.bucket, **client.owner)
        except client_error as error:
            told = error.response
            status = told.get("ResponseMetadata", {}).get("HTTPStatusCode")
            if status == 404:  # noqa: PLR2004 - there is none
                return None
            if status == 403:  # noqa: PLR2004 - there is one, and the try below says what may be
                return _told_region(told)
            raise
    return _told_region(answer)


def _told_region(answer: dict[str, Any]) -> str:
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return str(answer.get("BucketRegion") or headers.get("x-amz-bucket-region", ""))


def _create(client: S3Client, address: BucketAddress) -> str:
    region = _own_region(client)
    where = (
        {}
        if region == _USUAL_REGION
        else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    )
    with told_as_ours("make", str(address)):
        client.boto.create_bucket(Bucket=address.bucket, **where)
    return region


def _own_region(client: S3Client) -> str:
    region = client.boto.meta.region_name
    return _USUAL_REGION if region in {None, "aws-global"} else str(region)


def _try(client: S3Client, address: BucketAddress) -> None:
    place = {"Bucket": address.bucket, "Key": address.key(f".penstock-{os.urandom(8).hex()}")}
    try:
        with told_as_ours("write below", str(address)):
            client.boto.put_object(**place, Body=_CONTENT, **client.upload, **client.owner)
    except PermissionDenied as error:
        raise PermissionDenied(
            f"{error}: the bucket is somebody else's, or this login may not write there; check the "
            "login, or choose another name",
            error.error_code,
        ) from error
    try:
        with told_as_ours("read below", str(address)):
            came = client.boto.get_object(**place, **client.owner)["Body"].read()
    finally:
        with told_as_ours("delete below", str(address)):
            client.boto.delete_object(**place, **client.owner)
    if came != _CONTENT:
        raise MlflowException(
            f"what was written below {address} came back changed; check what stands between here "
            f"and {client.boto.meta.endpoint_url}"
        )
