"""What a URI of artifacts lies below."""

import pytest

from penstock.gateway.permissions.reference import Named
from penstock.gateway.proxy.targets.locations import Location, parse_location

RUN = "a" * 32
STORE = "mlflow-artifacts"


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("mlflow-artifacts:/1/a/artifacts", (STORE, "", ("1", "a", "artifacts"))),
        ("mlflow-artifacts://host:80/1/a", (STORE, "", ("1", "a"))),
        ("MLFLOW-ARTIFACTS:/1/a/", (STORE, "", ("1", "a"))),
        ("http://h/api/2.0/mlflow-artifacts/artifacts/1/a", (STORE, "", ("1", "a"))),
        ("https://h/x/api/2.0/mlflow-artifacts/artifacts/1", (STORE, "", ("1",))),
        ("http://h/1/a", ("http", "h", ("1", "a"))),
        ("s3://Bucket/1/a", ("s3", "bucket", ("1", "a"))),
        ("/data/1/a", ("", "", ("data", "1", "a"))),
        ("file:///data/1", ("file", "", ("data", "1"))),
        ("mlflow-artifacts:/1/%61/%2561", (STORE, "", ("1", "a", "a"))),
        ("mlflow-artifacts:/1/a?b", (STORE, "", ("1", "a?b"))),
    ],
)
def test_a_uri_is_read_in_parts(uri, expected):
    """Percent-decoded as often as MLflow does; MLflow's own store has one form."""
    assert Location(*expected) == parse_location(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "a/b",
        "mlflow-artifacts:1/a",
        "mlflow-artifacts:/",
        "mlflow-artifacts://host",
        "mlflow-artifacts:/1//a",
        "mlflow-artifacts:/1/./a",
        "mlflow-artifacts:/1/../2",
        "mlflow-artifacts:/1/%2e%2e/2",
        "mlflow-artifacts:/1/%252e%252e/2",
        "mlflow-artifacts:/1/..%2f2",
        "mlflow-artifacts:/1/a%5cb",
        "mlflow-artifacts:/1/a\\b",
        "mlflow-artifacts:/1/a%00",
        "mlflow-artifacts:/1/a\n",
        "mlflow-artifacts:/1/a#b",
        "mlflow-artifacts:/1/%" + "25" * 20 + "61",
    ],
)
def test_a_uri_that_could_be_read_in_two_ways_is_none(uri):
    """Dot segments, empty ones, separators and controls, in whatever encoding."""
    assert parse_location(uri) is None


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (f"mlflow-artifacts:/1/{RUN}/artifacts/f", [(Named.RUN, RUN)]),
        (f"mlflow-artifacts:/1/models/m-{RUN}/artifacts", [(Named.LOGGED_MODEL, f"m-{RUN}")]),
        (f"mlflow-artifacts:/1/traces/tr-{RUN}/artifacts", [(Named.TRACE, f"tr-{RUN}")]),
        (f"mlflow-artifacts:/1/traces/{RUN}/artifacts", [(Named.TRACE, RUN)]),
        (f"mlflow-artifacts:/1/{RUN}", []),
        (f"mlflow-artifacts:/1/{RUN}/artifact", []),
        (f"mlflow-artifacts:/1/{RUN.upper()}/artifacts", []),
        (
            f"mlflow-artifacts:/1/{RUN}/artifacts/{'b' * 32}/artifacts/f",
            [(Named.RUN, "b" * 32), (Named.RUN, RUN)],
        ),
    ],
)
def test_what_a_uri_may_belong_to_is_seen_by_its_form(uri, expected):
    """An id in front of the last segment of a root; the innermost comes first."""
    location = parse_location(uri)
    assert location is not None
    assert expected == location.candidates()


def test_candidates_are_few():
    """A path cannot make the gateway ask MLflow without end."""
    location = parse_location("mlflow-artifacts:/" + f"{RUN}/artifacts/" * 100)
    assert location is not None
    assert len(location.candidates()) < 10


@pytest.mark.parametrize(
    ("uri", "root", "expected"),
    [
        ("mlflow-artifacts:/1/a/artifacts", "mlflow-artifacts:/1/a/artifacts", True),
        ("mlflow-artifacts:/1/a/artifacts/f", "mlflow-artifacts://h/1/a/artifacts", True),
        ("mlflow-artifacts:/1/a/artifactsx", "mlflow-artifacts:/1/a/artifacts", False),
        ("mlflow-artifacts:/2/a/artifacts", "mlflow-artifacts:/1/a/artifacts", False),
        ("mlflow-artifacts:/1/a", "mlflow-artifacts:/1/a/artifacts", False),
        ("s3://b/1/a/artifacts", "mlflow-artifacts:/1/a/artifacts", False),
        ("s3://b/1/a", "s3://c/1/a", False),
        ("s3://b/1/a/f", "s3://b/1/a", True),
    ],
)
def test_below_is_segment_by_segment(uri, root, expected):
    """Scheme, authority and each segment of the root are the same."""
    location, parsed = parse_location(uri), parse_location(root)
    assert location is not None
    assert parsed is not None
    assert expected is location.is_below(parsed)
