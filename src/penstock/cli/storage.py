"""`penstock storage`: the place of artifacts in S3."""

from typing import TYPE_CHECKING, Annotated

import typer

from penstock.cli import output
from penstock.cli.options import AsJson
from penstock.cli.settings import read_settings
from penstock.errors import ConfigurationError, PenstockError

if TYPE_CHECKING:
    from penstock.cli.bucket import Storage
    from penstock.cli.bucket_address import BucketAddress

app = typer.Typer(help="Set up the place of artifacts in S3.", no_args_is_help=True)


@app.callback()
def _storage() -> None:
    """Set up the place of artifacts in S3."""


@app.command()
def init(
    *,
    address: Annotated[
        str | None,
        typer.Argument(
            metavar="ADDRESS",
            help="The bucket, and the prefix of what is stored there: s3://bucket/prefix.",
            show_default="PENSTOCK_ARTIFACT_STORE",
        ),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(
            metavar="REGION",
            help="Region to make the bucket in, and that it must be in.",
            show_default="AWS_DEFAULT_REGION, or us-east-1",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find a bucket or make it, and try whether one can write there.

    Endpoint and login are those of every program for S3: AWS_ENDPOINT_URL or
    MLFLOW_S3_ENDPOINT_URL, and AWS_ACCESS_KEY_ID with its secret, or AWS_PROFILE.
    """
    from penstock.cli.bucket import set_up_bucket  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.extras import require_s3  # noqa: PLC0415 - the same

    require_s3("storage init")
    place = _find_address(address)
    try:
        storage = set_up_bucket(place, region=region)
    except PenstockError as error:
        if not as_json:
            raise
        output.say_json({"address": str(place), "ok": False, "problem": str(error)})
        raise typer.Exit(1) from error
    if as_json:
        output.say_json({**storage.as_json(), "ok": True})
    else:
        output.say(_describe(storage))


def _find_address(address: str | None) -> "BucketAddress":
    from penstock.cli.bucket_address import parse_bucket_address  # noqa: PLC0415 - the same
    from penstock.gateway.aliases import (  # noqa: PLC0415 - the same
        ARTIFACT_STORE,
        name_of,
    )

    if address is not None:
        return parse_bucket_address(address, "the address")
    config = read_settings()
    name = name_of(config, ARTIFACT_STORE)
    if name not in config:
        raise ConfigurationError(
            f"no bucket is named: pass s3://bucket, or set {ARTIFACT_STORE} or "
            "CONFIG_SERVICE_S3_PATH"
        )
    return parse_bucket_address(config[name], name)


def _describe(storage: "Storage") -> str:
    done = "Made" if storage.origin == "created" else "Found"
    return (
        f"{done} the bucket {storage.address.bucket} in {storage.region} at {storage.endpoint}\n"
        f"Wrote, read and deleted an object below {storage.address}"
    )
