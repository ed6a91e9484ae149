"""Signatures, and rows that fit them."""

from typing import Any

import pytest

from penstock.models.mlmodel import Signature
from penstock.serving.documents import read_question
from penstock.serving.engines.columns import Column, find_columns, find_fault

COLUMNS = (
    Column("age", "long"),
    Column("name", "string"),
    Column("score", "double", is_required=False),
)
JSON = "application/json"


def signature(*inputs: Any, params=None):
    return Signature(inputs=inputs, params=params)


def test_plain_named_columns_are_found():
    """In the order of the signature, with what may be left out."""
    found = find_columns(
        signature(
            {"type": "long", "name": "age", "required": True},
            {"type": "string", "name": "name"},
            {"type": "double", "name": "score", "required": False},
        )
    )
    assert COLUMNS == found


@pytest.mark.parametrize(
    "other",
    [
        None,
        Signature(),
        signature({"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 3]}}),
        signature({"type": "double"}),
        signature({"type": "datetime", "name": "at"}),
        signature({"type": "array", "items": {"type": "double"}, "name": "xs"}),
        signature({"type": "long", "name": "a"}, {"type": "long", "name": "a"}),
        signature({"type": "long", "name": "a"}, params=({"name": "p"},)),
    ],
)
def test_any_other_signature_is_left_to_mlflow(other):
    """Only what is understood in full is taken as rows."""
    assert find_columns(other) is None


@pytest.mark.parametrize(
    ("kind", "fitting", "others"),
    [
        ("double", (1, 1.5, -0.0), (True, "1", None, [1], 2**80)),
        ("float", (1, 1.5), (False, "1")),
        ("long", (0, 2**63 - 1), (1.0, True, 2**63)),
        ("integer", (0, -(2**31)), (2**31, 1.0, True)),
        ("boolean", (True, False), (1, 0, "true")),
        ("string", ("", "ü"), (1, None)),
    ],
)
def test_only_values_that_mlflow_takes_as_they_are_fit(kind, fitting, others):
    """All else is MLflow's to convert, or to refuse."""
    column = Column("x", kind)
    assert all(column.fits(value) for value in fitting)
    assert not any(column.fits(value) for value in others)


def test_the_fault_names_row_and_field():
    """Whoever reads it finds the place at once."""
    assert "the input lacks 'age'" in (find_fault(COLUMNS, ("name",), [("x",)]) or "")
    fault = find_fault(COLUMNS, ("age", "name"), [(1, "x"), ("old", "y")])
    assert "row 1, field 'age': long expected, not 'old'" == fault
    assert "row 0 has 1 values for 2 columns" == find_fault(COLUMNS, ("age", "name"), [(1,)])
    assert find_fault(COLUMNS, ("age", "name", "score"), [(1, "x", None)]) is None


def test_a_long_value_is_shown_in_part():
    """A megabyte of text does not come back in the message."""
    fault = find_fault(COLUMNS, ("age", "name"), [("x" * 100_000, "y")])
    assert len(fault or "") < 200


@pytest.mark.parametrize(
    "body",
    [
        b'{"dataframe_split": {"columns": ["age", "name"], "data": [[1, "x"], [2, "y"]]}}',
        b'{"dataframe_split": {"index": [5, 6], "columns": ["age", "name"], "data": [[1, "x"], [2, "y"]]}}',  # noqa: E501 - one line of JSON
        b'{"dataframe_records": [{"age": 1, "name": "x"}, {"age": 2, "name": "y"}]}',
        b'{"instances": [{"age": 1, "name": "x"}, {"age": 2, "name": "y"}]}',
        b'{"inputs": {"age": [1, 2], "name": ["x", "y"]}}',
    ],
)
def test_all_forms_of_mlflow_give_the_same_rows(body):
    """Four ways to write one table."""
    question = read_question(body, JSON)
    assert ("age", "name") == question.names
    assert [(1, "x"), (2, "y")] == [tuple(row) for row in question.rows or ()]
    assert body == question.document.body


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", JSON),
        (b"[1]", JSON),
        (b'{"inputs": [[1, 2]]}', JSON),
        (b'{"inputs": {"a": 1}}', JSON),
        (b'{"inputs": {"a": [1], "b": [1, 2]}}', JSON),
        (b'{"instances": [1, 2]}', JSON),
        (b'{"inputs": {"a": [NaN]}}', JSON),
        (b'{"inputs": {"a": [1]}, "params": {"p": 1}}', JSON),
        (b'{"dataframe_split": {"columns": ["a", "a"], "data": [[1, 2]]}}', JSON),
        (b'{"dataframe_split": {"data": [[1, 2]]}}', JSON),
        (b"a,b\n1,2\n", "text/csv"),
    ],
)
def test_what_is_no_plain_table_is_left_to_mlflow(body, content_type):
    """Its own code reads it, or refuses it."""
    question = read_question(body, content_type)
    assert question.rows is None
    assert (body, content_type) == question.document


def test_rows_are_bound_in_the_order_of_the_model():
    """Extra columns are ignored, as MLflow does."""
    question = read_question(b'{"instances": [{"z": 0, "name": "x", "age": 1}]}', JSON)
    bound = question.bind(COLUMNS[:2])
    assert bound is not None
    assert [(1, "x")] == bound.rows
    assert question.bind(COLUMNS) is None
    assert question.bind(None) is None


def test_the_key_is_a_field_of_the_first_row():
    """It need not be one that the model takes."""
    question = read_question(b'{"instances": [{"customer": 17, "age": 1}]}', JSON)
    assert "17" == question.find_key("customer")
    assert question.find_key("nobody") is None
