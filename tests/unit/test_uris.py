import pytest

from penstock.uris import (
    ArtifactsUri,
    ModelsUri,
    RunsUri,
    parse_artifacts_uri,
    parse_models_uri,
    parse_runs_uri,
)

MODELS = {
    "models:/churn/3": ModelsUri("churn", version=3),
    "models:/churn/Production": ModelsUri("churn", stage="Production"),
    "models:/churn/latest": ModelsUri("churn", is_latest=True),
    "models:/churn@champion": ModelsUri("churn", alias="champion"),
    "models:/m-0123abcd": ModelsUri(model_id="m-0123abcd"),
    "models:/a b/1": ModelsUri("a b", version=1),
    "models:/name%2Fverbatim/1": ModelsUri("name%2Fverbatim", version=1),
    "models:/me@home@champion": ModelsUri("me@home", alias="champion"),
    "models:/日本?#/2": ModelsUri("日本?#", version=2),
}


@pytest.mark.parametrize("uri", MODELS)
def test_a_model_uri_is_parsed(uri):
    """Every form that MLflow knows, with names verbatim."""
    assert MODELS[uri] == parse_models_uri(uri)


@pytest.mark.parametrize("uri", MODELS)
def test_a_model_uri_is_written_as_it_was(uri):
    """Parsing and formatting are each other's inverse."""
    assert uri == str(parse_models_uri(uri))


def test_latest_is_known_in_any_case():
    """MLflow takes `Latest` for `latest`, too."""
    assert ModelsUri("churn", is_latest=True) == parse_models_uri("models:/churn/LATEST")


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "models:",
        "models:/",
        "models://churn/1",
        "models:/churn/",
        "models:/churn/1/files",
        "models:/@champion",
        "models:/churn@",
        "runs:/1/model",
        "churn/1",
    ],
)
def test_what_is_no_model_uri_is_refused(uri):
    """The message shows the right forms."""
    with pytest.raises(ValueError, match="expected models:/<name>/<version>"):
        parse_models_uri(uri)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("runs:/abc/model", RunsUri("abc", "model")),
        ("runs:/abc/deep/er/file.txt", RunsUri("abc", "deep/er/file.txt")),
        ("runs:/abc", RunsUri("abc", "")),
    ],
)
def test_a_run_uri_is_parsed_and_written(uri, expected):
    """The path may be deep, or missing."""
    assert expected == parse_runs_uri(uri)
    assert uri == str(expected)


@pytest.mark.parametrize("uri", ["runs:/", "runs://host/abc", "models:/abc/1", "abc"])
def test_what_is_no_run_uri_is_refused(uri):
    """A run URI needs a run."""
    with pytest.raises(ValueError, match="expected runs:/<run_id>/<path>"):
        parse_runs_uri(uri)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("mlflow-artifacts:/1/abc/artifacts", ArtifactsUri("1/abc/artifacts")),
        ("mlflow-artifacts://host:5000/1/abc", ArtifactsUri("1/abc", "host:5000")),
    ],
)
def test_an_artifact_uri_is_parsed_and_written(uri, expected):
    """With the address of the server or without."""
    assert expected == parse_artifacts_uri(uri)
    assert uri == str(expected)


def test_what_is_no_artifact_uri_is_refused():
    """Other schemes are other stores."""
    with pytest.raises(ValueError, match="expected mlflow-artifacts:/<path>"):
        parse_artifacts_uri("s3://bucket/1")
