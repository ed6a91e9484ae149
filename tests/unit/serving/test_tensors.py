"""Tensors of the Open Inference Protocol."""

import pytest

from penstock.errors import InvalidInput
from penstock.serving.engines.columns import Column
from penstock.serving.protocols.tensors import nested, read_rows, write_outputs

COLUMNS = (Column("a", "double"), Column("b", "double"))


def tensor(name="a", shape=(2,), datatype="FP64", data=(1.0, 2.0)):
    return {"name": name, "shape": list(shape), "datatype": datatype, "data": list(data)}


def test_a_tensor_for_each_column_makes_rows():
    """Of shape [n] or [n, 1]."""
    inputs = [tensor("a"), tensor("b", (2, 1), data=(3.0, 4.0))]
    assert (("a", "b"), [(1.0, 3.0), (2.0, 4.0)]) == read_rows(inputs, COLUMNS)


@pytest.mark.parametrize("data", [(1.0, 2.0, 3.0, 4.0), ([1.0, 2.0], [3.0, 4.0])])
def test_one_matrix_makes_rows_in_the_order_of_the_columns(data):
    """Flat, or as lists in lists."""
    inputs = [tensor("x", (2, 2), data=data)]
    assert (("a", "b"), [[1.0, 2.0], [3.0, 4.0]]) == read_rows(inputs, COLUMNS)


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ([], "at least one"),
        ({}, "at least one"),
        ([{"shape": [1]}], "'name'"),
        ([tensor(shape=())], "'a': 'shape'"),
        ([tensor(shape=(-1,))], "'a': 'shape'"),
        ([tensor(datatype="COMPLEX")], "'a': 'datatype'"),
        ([tensor(shape=(3,))], "'a': 'data' has 2 values, its shape 3"),
        ([tensor(data=([1.0], 2.0))], "'a': 'data' is ragged"),
        ([tensor("a"), tensor("a")], "same name"),
        ([tensor("a"), tensor("b", (1,), data=(1.0,))], "different numbers"),
        ([tensor("x", (1, 2))], None),
        ([tensor("x", (1, 3), data=(1.0, 2.0, 3.0))], "2 columns"),
    ],
)
def test_what_is_no_tensor_is_named(inputs, told):
    """The message says which tensor, and what of it."""
    if told is None:
        assert read_rows(inputs, COLUMNS)
        return
    with pytest.raises(InvalidInput, match=told):
        read_rows(inputs, COLUMNS)


def test_values_are_nested_by_the_shape():
    """As models of tensors take them."""
    assert [[[1], [2]], [[3], [4]]] == nested(tensor("x", (2, 2, 1), "INT64", (1, 2, 3, 4)))


@pytest.mark.parametrize(
    ("predictions", "outputs"),
    [
        ([1, 2], [("predict", [2], "INT64", [1, 2])]),
        ([1, 2.5], [("predict", [2], "FP64", [1, 2.5])]),
        ([True], [("predict", [1], "BOOL", [True])]),
        (["x"], [("predict", [1], "BYTES", ["x"])]),
        ([[1.0, 2.0], [3.0, 4.0]], [("predict", [2, 2], "FP64", [1.0, 2.0, 3.0, 4.0])]),
        ([{"p": 0.5, "q": "y"}], [("p", [1], "FP64", [0.5]), ("q", [1], "BYTES", ["y"])]),
    ],
)
def test_predictions_become_tensors(predictions, outputs):
    """One, or one for each column of a table."""
    found = [tuple(output.values()) for output in write_outputs(predictions)]
    assert outputs == found
