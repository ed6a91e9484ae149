"""Our methods can be called as MLflow's."""

import inspect

import mlflow
import pytest

from penstock import MlflowClient

OURS_ALONE = {
    "close",
    "download_model",
    "find_model_artifacts",
    "iter_experiments",
    "iter_model_versions",
    "iter_registered_models",
    "iter_runs",
    "mlflow_api_call",
}


def methods(kind: type) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(method)
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }


OURS, MLFLOWS = methods(MlflowClient), methods(mlflow.MlflowClient)


@pytest.mark.parametrize("name", sorted(OURS.keys() - OURS_ALONE))
def test_a_method_has_the_signature_of_mlflows(name):
    """Names, order, kinds and defaults of all parameters."""
    expected, found = (
        [(one.name, one.kind, one.default) for one in signature.parameters.values()]
        for signature in (MLFLOWS[name], OURS[name])
    )
    assert expected == found


def test_what_is_ours_alone_is_nowhere_in_mlflow():
    """Or it would have to be like MLflow's."""
    assert set() == OURS_ALONE & MLFLOWS.keys()
    assert OURS.keys() >= OURS_ALONE


def test_the_client_is_made_like_mlflows():
    """By tracking and registry URI; all else of ours is named."""
    expected = list(inspect.signature(mlflow.MlflowClient).parameters.values())[:2]
    found = list(inspect.signature(MlflowClient).parameters.values())
    assert [(one.name, one.default) for one in expected] == [
        (one.name, one.default) for one in found[:2]
    ]
    assert {inspect.Parameter.KEYWORD_ONLY} == {one.kind for one in found[2:]}


def test_every_method_has_a_docstring():
    """It is all that an editor shows."""
    assert [] == [name for name in OURS if not getattr(MlflowClient, name).__doc__]
