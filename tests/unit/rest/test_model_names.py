import pytest

from penstock.errors import MlflowException
from penstock.rest._model_names import check_alias, check_model_name, check_version


@pytest.mark.parametrize("name", ["churn", "a.b", "é %?#", "a..b", " x "])
def test_names_of_models(name):
    """Whatever is neither a path nor a URI."""
    assert name == check_model_name(name)


@pytest.mark.parametrize("name", ["", "  ", "a/b", "a:b", ".", "..", "..a", None, 5])
def test_names_that_are_none(name):
    """The argument is named."""
    with pytest.raises(MlflowException, match="new_name") as refusal:
        check_model_name(name, "new_name")
    assert "INVALID_PARAMETER_VALUE" == refusal.value.error_code


@pytest.mark.parametrize("alias", ["champion", "v1", "a-b_c", "ä", "a" * 255])
def test_aliases(alias):
    """Letters, digits and two signs; which of them are reserved is the server's to say."""
    assert alias == check_alias(alias)


@pytest.mark.parametrize("alias", ["", "a b", "a/b", "a\n", "a" * 256, None, 1])
def test_aliases_that_are_none(alias):
    """The argument is named."""
    with pytest.raises(MlflowException, match="alias"):
        check_alias(alias)


def test_versions():
    """As text or number."""
    assert ["3", "3", "3"] == [check_version(version) for version in ("3", 3, " 3")]
    for version in ("x", "1.5", "", None, 1.5):
        with pytest.raises(MlflowException, match="version"):
            check_version(version)
