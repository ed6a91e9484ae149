"""Which flavour is meant, and which one saves an object."""

import types

import pytest

from penstock.errors import UnsuitableObject
from penstock.models.flavour_choice import choose_flavour, find_flavour, parse_flavour
from penstock.models.flavour_table import FLAVOURS


def made_in(module: str, *bases: type) -> type:
    """Return a class that says it is from a module."""
    return type("Model", bases or (object,), {"__module__": module})


SKLEARN = made_in("sklearn.base")
TORCH = made_in("torch.nn.modules.module")

CLASSES = {
    "sklearn": SKLEARN,
    "xgboost": made_in("xgboost.sklearn", SKLEARN),
    "lightgbm": made_in("lightgbm.sklearn", SKLEARN),
    "catboost": made_in("catboost.core"),
    "pytorch": TORCH,
    "transformers": made_in("transformers.modeling_utils", TORCH),
    "sentence_transformers": made_in("sentence_transformers.SentenceTransformer", TORCH),
    "onnx": made_in("onnx.onnx_ml_pb2"),
    "keras": made_in("keras.src.models.model"),
    "tensorflow": made_in("tensorflow.python.module.module"),
    "statsmodels": made_in("statsmodels.base.wrapper"),
    "spark": made_in("pyspark.ml.pipeline"),
    "langchain": made_in("langchain_core.runnables.base"),
    "pyfunc": made_in("mlflow.pyfunc.model"),
}


@pytest.mark.parametrize("name", CLASSES)
def test_the_flavour_follows_from_the_nearest_class(name):
    """A library that builds on another one has its own flavour."""
    assert name == choose_flavour(CLASSES[name]()).name


@pytest.mark.parametrize("name", ["sklearn", "pytorch", "pyfunc"])
def test_an_own_subclass_has_the_flavour_of_its_base(name):
    """Own code is no library, but what it inherits from is."""
    assert name == choose_flavour(made_in("my_project.models", CLASSES[name])()).name


@pytest.mark.parametrize("model", [lambda rows: rows, "model.py"])
def test_code_is_a_pyfunc(model):
    """A function, and a script that makes a model."""
    assert "pyfunc" == choose_flavour(model).name


@pytest.mark.parametrize("model", [object(), 3, {"weights": []}, "model.pkl"])
def test_what_no_flavour_saves_is_told(model):
    """With two ways out."""
    with pytest.raises(UnsuitableObject, match=r"flavour=.*PythonModel"):
        choose_flavour(model)


@pytest.mark.parametrize(
    "given", ["sklearn", "mlflow.sklearn", "scikit-learn", types.ModuleType("mlflow.sklearn")]
)
def test_a_flavour_is_given_as_a_name_or_a_module(given):
    """As people write it."""
    assert "sklearn" == parse_flavour(given).name


def test_a_flavour_goes_by_its_name_in_the_model_file_too():
    """`python_function` is what MLmodel files say."""
    assert "pyfunc" == parse_flavour("python_function").name
    assert "pyfunc" == find_flavour("python_function").name
    assert find_flavour("txtai") is None


def test_every_flavour_has_a_name_a_key_and_roots_of_its_own():
    """No class may belong to two."""
    roots = [root for flavour in FLAVOURS for root in flavour.roots]
    assert len(roots) == len(set(roots))
    assert len(FLAVOURS) == len({flavour.name for flavour in FLAVOURS})
    assert len(FLAVOURS) == len({flavour.key for flavour in FLAVOURS})


def test_another_makers_module_is_a_flavour():
    """Whatever has MLflow's two functions."""
    module = types.ModuleType("their_mlflow.txtai")
    module.save_model = module.load_model = print
    found = parse_flavour(module)
    assert ("txtai", "their_mlflow.txtai", "their_mlflow") == (
        found.name,
        found.module,
        found.library,
    )


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ("skleran", "did you mean 'sklearn'?"),
        ("zzz", "there are catboost"),
        (7, "a name or a module"),
        (types.ModuleType("json"), "has no save_model and load_model"),
    ],
)
def test_what_is_no_flavour_is_told(given, advice):
    """And what there is instead."""
    with pytest.raises(UnsuitableObject) as caught:
        parse_flavour(given)
    assert advice in str(caught.value)
