"""What the MLmodel file of a saved model says, read without mlflow."""

import sys

import pytest

from penstock.errors import UnreadableModel
from penstock.models import read_mlmodel

TEXT = """
artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
    python_version: 3.11.7
  sklearn:
    pickled_model: model.skops
mlflow_version: 3.17.2
model_id: m-1
model_size_bytes: 9485
model_uuid: u-1
run_id: r-1
saved_input_example_info:
  artifact_path: input_example.json
  type: ndarray
signature:
  inputs: '[{"type": "double", "name": "ph", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
utc_time_created: 2026-11-21 08:51:38.286524
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "MLmodel").write_text(TEXT)
    (tmp_path / "requirements.txt").write_text("mlflow==3.17.2\n# why\n-r other\nnumpy>=2  # x\n")
    return tmp_path


def test_all_that_names_a_model_is_read(folder):
    """Flavours, signature, origin and requirements."""
    found = read_mlmodel(folder)
    assert ["python_function", "sklearn"] == list(found.flavours)
    assert ("r-1", "m-1", "u-1", "model") == (
        found.run_id,
        found.model_id,
        found.model_uuid,
        found.artifact_path,
    )
    assert "2026-11-21 08:51:38.286524" == found.utc_time_created
    assert ("mlflow==3.17.2", "numpy>=2") == found.requirements
    assert "input_example.json" == found.input_example


def test_the_signature_is_read(folder):
    """It stands there as JSON inside of YAML."""
    signature = read_mlmodel(folder).signature
    assert ({"type": "double", "name": "ph", "required": True},) == signature.inputs
    assert "tensor" == signature.outputs[0]["type"]
    assert signature.params is None


def test_reading_does_not_import_mlflow(folder):
    """It takes milliseconds, and works where mlflow is not installed."""
    before = set(sys.modules)
    read_mlmodel(str(folder))
    assert "mlflow" not in set(sys.modules) - before


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "- a list",
        "flavors: {}",
        "run_id: r-1",
        "a: [",
        "flavors: {x: {}}\nsignature: {inputs: '['}",
        "flavors: !!python/object/apply:os.getcwd []",
    ],
)
def test_what_is_no_model_is_unreadable(tmp_path, text):
    """And the message names the folder; nothing in the file is run."""
    if text is not None:
        (tmp_path / "MLmodel").write_text(text)
    with pytest.raises(UnreadableModel, match="MLmodel") as caught:
        read_mlmodel(tmp_path)
    assert str(tmp_path) in str(caught.value)
