"""Addresses of places in S3."""

import pytest

from penstock.cli.bucket_address import BucketAddress, parse_bucket_address
from penstock.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "bucket", "prefix"),
    [
        ("s3://models", "models", ""),
        ("s3://models/", "models", ""),
        ("s3://my.models-1/a/b c/", "my.models-1", "a/b c"),
        ("s3://123/(x)", "123", "(x)"),
    ],
)
def test_an_address_is_a_bucket_and_a_prefix(text, bucket, prefix):
    """Slashes at the ends of the prefix mean nothing."""
    address = parse_bucket_address(text, "here")

    assert BucketAddress(bucket, prefix) == address
    assert address == parse_bucket_address(str(address), "here")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "models",
            "https://models",
            "S3://models",
            "s3://",
            "s3:///a",
            "s3://ab",
            "s3://a" * 9,
        ),
        *(
            "s3://Models",
            "s3://my_models",
            "s3://-models",
            "s3://models.",
            "s3://a..b",
            "s3://1.2.3.4",
        ),
        *("s3://" + "x" * 64, "s3://xn--models", "s3://user:secret@models"),
        *("s3://models/../other", "s3://models/a//b", "s3://models/a?b", "s3://models/a\nb"),
    ],
)
def test_what_is_no_address_is_refused(text):
    """In the name of who named it."""
    with pytest.raises(ConfigurationError, match=r"^here") as caught:
        parse_bucket_address(text, "here")
    assert "secret" not in str(caught.value)


def test_a_key_lies_below_the_prefix():
    """Or at the root of the bucket."""
    assert "a/b" == BucketAddress("models", "a").key("b")
    assert "b" == BucketAddress("models").key("b")
