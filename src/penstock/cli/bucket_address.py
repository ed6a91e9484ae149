"""Addresses of places in S3, `s3://bucket/prefix`. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from penstock.errors import ConfigurationError

SCHEME: Final = "s3://"

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_IP_ADDRESS: Final = re.compile(r"\d+\.\d+\.\d+\.\d+")
_RESERVED: Final = ("xn--", "sthree-", "amzn-s3-demo-")
_PREFIX: Final = re.compile(r"[A-Za-z0-9!_.*'() -]+(?:/[A-Za-z0-9!_.*'() -]+)*")


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """A bucket, and the beginning of the keys that are meant; without `/` at its ends."""

    bucket: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}" + (f"/{self.prefix}" if self.prefix else "")

    def key(self, name: str) -> str:
        """Return the key of an object below the prefix."""
        return f"{self.prefix}/{name}" if self.prefix else name


def parse_bucket_address(text: str, name: str) -> BucketAddress:
    """Return the place that an address names; `name` says who named it.

    Raises ConfigurationError for what is none, or for a bucket's name that S3 does not allow.
    """
    bucket, _, prefix = text.removeprefix(SCHEME).partition("/")
    if not text.startswith(SCHEME) or not bucket:
        raise ConfigurationError(f"{name} must be s3://bucket or s3://bucket/prefix")
    if not _NAME.fullmatch(bucket) or _is_refused(bucket):
        raise ConfigurationError(
            f"{name}: what stands after s3:// is no name of a bucket; one has 3 to 63 lower-case "
            "letters, digits and hyphens, begins and ends with one of the first two, and is no IP "
            "address"
        )
    prefix = prefix.strip("/")
    if prefix and (not _PREFIX.fullmatch(prefix) or {".", ".."} & set(prefix.split("/"))):
        raise ConfigurationError(
            f"{name}: the prefix '{prefix}' must be of letters, digits, spaces and !_.*'()- , "
            "with single '/' between its parts"
        )
    return BucketAddress(bucket, prefix)


def _is_refused(bucket: str) -> bool:
    return ".." in bucket or bool(_IP_ADDRESS.fullmatch(bucket)) or bucket.startswith(_RESERVED)
