"""Models of several libraries are saved, loaded, and predict as before."""

import mlflow
import numpy as np
import pytest

from penstock.errors import LocalFileError, MissingLibrary, UnreadableModel, UnsuitableObject
from penstock.models import load_model, read_mlmodel, save_model

ROWS = np.random.default_rng(7).random((60, 3), dtype=np.float32)
WANTED = (ROWS[:, 0] > ROWS[:, 1]).astype(int)
# What each model needs is known; finding it out takes MLflow seconds.
QUICK = {"pip_requirements": ["mlflow"]}


class Doubling(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: list[int]) -> list[int]:  # noqa: ARG002 - MLflow's signature
        return [2 * one for one in model_input]


@mlflow.pyfunc.utils.pyfunc
def measure(model_input: list[str]) -> list[int]:
    return [len(one) for one in model_input]


def make_sklearn():
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - takes a while

    return LogisticRegression().fit(ROWS, WANTED)


def make_xgboost():
    xgboost = pytest.importorskip("xgboost")
    return xgboost.XGBClassifier(n_estimators=5).fit(ROWS, WANTED)


def make_lightgbm():
    lightgbm = pytest.importorskip("lightgbm")
    return lightgbm.LGBMClassifier(n_estimators=5, verbose=-1).fit(ROWS, WANTED)


MAKERS = {"sklearn": make_sklearn, "xgboost": make_xgboost, "lightgbm": make_lightgbm}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("kind", ["pyfunc", "native"])
def test_a_classifier_predicts_as_before(tmp_path, name, kind):
    """Its flavour is found from its class."""
    model = MAKERS[name]()
    saved = save_model(model, tmp_path / "model", **QUICK)
    assert name in saved.flavours
    loaded = load_model(tmp_path / "model", flavour=kind)
    assert model.predict(ROWS).tolist() == np.asarray(loaded.predict(ROWS)).tolist()
    assert kind == "pyfunc" or type(model) is type(loaded)


def test_an_onnx_model_predicts_as_before(tmp_path):
    """Its native form is a graph; MLflow's wrapper runs it."""
    onnx, convert = pytest.importorskip("onnx"), pytest.importorskip("skl2onnx")
    pytest.importorskip("onnxruntime")
    model = make_sklearn()
    graph = convert.to_onnx(model, ROWS[:1], options={"zipmap": False})
    assert "onnx" in save_model(graph, tmp_path / "model", **QUICK).flavours
    assert isinstance(load_model(tmp_path / "model", flavour="native"), onnx.ModelProto)
    answer = load_model(tmp_path / "model").predict(ROWS)
    assert model.predict(ROWS).tolist() == np.asarray(answer["label"]).ravel().tolist()


def test_a_python_class_predicts_as_before(tmp_path):
    """Wrapped, and as itself."""
    save_model(Doubling(), tmp_path / "model", **QUICK)
    assert [2, 4] == load_model(tmp_path / "model").predict([1, 2])
    assert "Doubling" == type(load_model(tmp_path / "model", flavour="native")).__name__


def test_a_function_is_a_model(tmp_path):
    """The least that a model can be."""
    save_model(measure, tmp_path / "model", **QUICK)
    assert [2, 3] == load_model(tmp_path / "model").predict(["ab", "abc"])


@pytest.mark.parametrize("flavour", ["sklearn", "mlflow.sklearn", mlflow.sklearn])
def test_a_flavour_can_be_named(tmp_path, flavour):
    """By its name or module, for saving and for loading."""
    save_model(make_sklearn(), tmp_path / "model", flavour=flavour, **QUICK)
    assert 60 == len(load_model(tmp_path / "model", flavour=flavour).predict(ROWS))


def test_the_signature_comes_from_an_example_or_is_given(tmp_path):
    """As MLflow's object, or as what it says."""
    model = make_sklearn()
    from_example = save_model(model, tmp_path / "a", input_example=ROWS[:2], **QUICK).signature
    signature = mlflow.models.infer_signature(ROWS, model.predict(ROWS))
    given = save_model(model, tmp_path / "b", signature=signature, **QUICK).signature
    described = save_model(model, tmp_path / "c", signature=signature.to_dict(), **QUICK).signature
    assert from_example == given == described
    assert "tensor" == given.inputs[0]["type"]


def test_what_mlflow_saved_is_loaded(tmp_path):
    """The folder is MLflow's own."""
    mlflow.sklearn.save_model(make_sklearn(), tmp_path / "model", **QUICK)
    assert 60 == len(load_model(tmp_path / "model", flavour="native").predict(ROWS))
    assert mlflow.__version__ == read_mlmodel(tmp_path / "model").mlflow_version


def test_missing_requirements_are_listed(tmp_path, monkeypatch):
    """All of them, with what to type."""
    pinned = {"pip_requirements": ["mlflow", "no-such-library==1.0", "scikit-learn==0.1"]}
    save_model(make_sklearn(), tmp_path / "model", **pinned)
    monkeypatch.setitem(__import__("sys").modules, "skops.io", None)
    with pytest.raises(MissingLibrary) as caught:
        load_model(tmp_path / "model")
    assert "no-such-library==1.0 (is not installed)" in str(caught.value)
    assert "pip install 'no-such-library==1.0' 'scikit-learn==0.1'" in str(caught.value)


def test_a_damaged_model_is_unreadable(tmp_path):
    """Whatever the library says of it."""
    save_model(make_sklearn(), tmp_path / "model", **QUICK)
    next((tmp_path / "model").glob("model.*")).write_bytes(b"damaged")
    with pytest.raises(UnreadableModel, match="cannot be loaded"):
        load_model(tmp_path / "model")


def test_another_flavour_than_the_models_is_refused(tmp_path):
    """Before anything is loaded."""
    save_model(make_sklearn(), tmp_path / "model", **QUICK)
    with pytest.raises(UnreadableModel, match="it is of python_function, sklearn"):
        load_model(tmp_path / "model", flavour="xgboost")


def test_a_folder_that_is_taken_is_left_alone(tmp_path):
    """A model is never written over another one."""
    (tmp_path / "mine").touch()
    with pytest.raises(LocalFileError, match="in a new folder"):
        save_model(make_sklearn(), tmp_path)


def test_what_cannot_be_saved_is_told(tmp_path):
    """By the flavour that was asked for."""
    with pytest.raises(UnsuitableObject, match="cannot be saved as 'sklearn'"):
        save_model(object(), tmp_path / "model", flavour="sklearn", **QUICK)
