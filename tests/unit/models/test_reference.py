"""What callers name models by, and for how long that means the same files."""

import pytest

from penstock.errors import MlflowException
from penstock.models.reference import Kind, parse_reference, refer_to

FORMS = {
    "models:/churn/3": Kind.VERSION,
    "models:/churn/latest": Kind.MOVING,
    "models:/churn/Production": Kind.MOVING,
    "models:/churn@prod": Kind.MOVING,
    "models:/m-0123": Kind.LOGGED,
    "runs:/abc/model": Kind.RUN,
    "mlflow-artifacts:/1/abc/artifacts/model": Kind.PLACE,
    "s3://bucket/model": Kind.PLACE,
    "/srv/model": Kind.FOLDER,
}


@pytest.mark.parametrize("text", FORMS)
def test_each_form_is_known(text):
    """And written as it was given."""
    found = parse_reference(text)
    assert (FORMS[text], text) == (found.kind, str(found))
    assert (FORMS[text] in {Kind.VERSION, Kind.LOGGED}) == found.is_fixed


def test_a_path_is_made_absolute(tmp_path, monkeypatch):
    """The working directory may change; so is the path of a `file:` URI."""
    monkeypatch.chdir(tmp_path)
    assert str(tmp_path / "model") == parse_reference("model").text
    assert "/srv/model" == parse_reference("file:///srv/model").text


@pytest.mark.parametrize(
    ("version", "text"),
    [
        (3, "models:/churn/3"),
        ("latest", "models:/churn/latest"),
        (None, "models:/churn/latest"),
        ("@prod", "models:/churn@prod"),
        ("Staging", "models:/churn/Staging"),
    ],
)
def test_a_version_is_referred_to_as_people_say_it(version, text):
    """A number, the latest one, an alias or a stage."""
    assert text == refer_to("churn", version).text


@pytest.mark.parametrize("text", ["models:/", "models:/a/b/c", "runs:/", "models:/churn@"])
def test_what_is_none_shows_the_right_form(text):
    """One error, with MLflow's code."""
    with pytest.raises(MlflowException, match="expected") as caught:
        parse_reference(text)
    assert "INVALID_PARAMETER_VALUE" == caught.value.error_code
