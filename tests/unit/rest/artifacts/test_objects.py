"""What can be judged of objects without the libraries that they come from."""

import re
from types import SimpleNamespace

import pytest

from penstock.errors import MissingLibrary, MlflowException, UnsafePath, UnsuitableObject
from penstock.rest.artifacts.documents import write_document
from penstock.rest.artifacts.figures import figure_saver
from penstock.rest.artifacts.images import as_image, name_cell, name_step, shrink
from penstock.rest.artifacts.libraries import load_library
from penstock.rest.artifacts.tables import checked_table_file


def test_a_library_that_is_missing_is_named():
    """With how to install it; it is an ImportError too."""
    with pytest.raises(ImportError, match="this needs nolibrary: pip install it") as refusal:
        load_library("nolibrary.deep", "pip install it")
    assert isinstance(refusal.value, MissingLibrary)


@pytest.mark.parametrize("file", ["a.json", "a", "a.txt", "yaml", "a.YML"])
def test_a_document_is_json_unless_its_ending_says_yaml(file):
    """What JSON cannot say becomes text."""
    assert b'{\n  "a": [\n    1,\n    "{1}"\n  ]\n}' == write_document({"a": [1, {1}]}, file)


def test_a_document_that_cannot_be_written_is_refused():
    """As what it is in MLflow, and as one of ours."""
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(ValueError, match=r"cannot be written to 'a\.json'"):
        write_document(circle, "a.json")
    with pytest.raises(TypeError, match="keys must be"):
        write_document({(1, 2): 3}, "a.json")


@pytest.mark.parametrize("value", ["text", None, [[1, 2]], object()])
def test_what_is_no_image_or_figure_is_refused(value):
    """With its type; a TypeError, as in MLflow."""
    for refuse in (as_image, lambda value: figure_saver(value, "a.png", {})):
        with pytest.raises(UnsuitableObject, match=re.escape(str(type(value)))) as refusal:
            refuse(value)
        assert isinstance(refusal.value, TypeError | MlflowException)


def test_an_image_of_mlflow_is_taken_by_what_it_can_do():
    """Without importing mlflow."""
    assert "an image" == as_image(SimpleNamespace(to_pil=lambda: "an image"))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((512, 256), (256, 128)),
        ((100, 400), (64, 256)),
        ((10, 10), (256, 256)),
        ((9999, 1), (256, 1)),
    ],
)
def test_the_small_copy_keeps_its_shape(size, expected):
    """256 pixels on the longer side, and at least one on the other."""
    assert expected == shrink(SimpleNamespace(size=size, resize=lambda new: new))


UUID = r"[0-9a-f-]{36}"


def test_images_of_steps_have_the_names_that_mlflows_pages_know():
    """Slashes would make folders."""
    files = name_step("a/b c", 3, 17)
    assert re.fullmatch(rf"images/a~b c\+step\+3\+timestamp\+17\+{UUID}\.png", files.full)
    assert files.full.removesuffix(".png") + "+compressed.webp" == files.small
    assert files != name_step("a/b c", 3, 17)


def test_images_of_tables_lie_beside_them():
    """In a folder of the table's name."""
    files = name_cell("deep/table")
    assert re.fullmatch(rf"table_images/deep/table/{UUID}\.png", files.full)
    assert files.full.removesuffix(".png") + ".webp" == files.small


@pytest.mark.parametrize("key", ["", "a#b", "a%b", "a\n", "ü", "a+b", "a\\b"])
def test_a_key_with_other_characters_is_refused(key):
    """A ValueError, as in MLflow."""
    with pytest.raises(ValueError, match="the key of an image may only hold"):
        name_step(key, 0, 0)


@pytest.mark.parametrize(
    "file", ["a.csv", "a", "json", 'a".json', "a:b.json", "[a].json", "{a}.parquet"]
)
def test_the_path_of_a_table_is_judged(file):
    """A ValueError, as in MLflow."""
    with pytest.raises(ValueError, match="the path of a table must"):
        checked_table_file(file)


def test_the_path_of_a_table_is_brought_into_its_shortest_form():
    """And may not lead out."""
    assert "a/b.json" == checked_table_file("./a//b.json")
    with pytest.raises(UnsafePath):
        checked_table_file("../b.json")
