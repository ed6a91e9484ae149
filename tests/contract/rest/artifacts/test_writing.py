"""What one client uploads the other downloads, byte for byte; listings and tags are the same."""

import io
import os
import re
import sys
import warnings
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import mlflow
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from PIL import Image

from contract.rest.artifacts.folders import content, fill
from contract.rest.likeness import plain
from penstock.errors import LocalFileError, MissingLibrary, MlflowException, UnsuitableObject

# MLflow asks pandas for columns in a way that is going to change.
pytestmark = pytest.mark.filterwarnings("ignore:For backward compatibility, 'str' dtypes")

mpl.use("Agg")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|timestamp\+\d+")
PIXELS = np.random.default_rng(0).integers(0, 256, (40, 300, 3), dtype=np.uint8)
IMAGE = Image.fromarray(PIXELS)
FILES = {
    "top.txt": b"top",
    "zero": b"",
    "deep/er/big.bin": os.urandom(1_500_000),
    "deep/a b": b"1",
    "deep/ü 日本.txt": b"2",
    "deep/q'uo\"te&=,*<>|~[x]{y}": b"3",
    "deep/100%.csv": b"4",
    "deep/plus+": b"5",
    "deep/x:y": b"6",
    "deep/x;y": b"7",
}


directly = pytest.mark.parametrize("pair", ["direct"], indirect=True)
"""For what differs by the object alone, not by the way."""


def without_ids(value):
    """Return names and texts with the random parts taken out."""
    if isinstance(value, dict):
        return {without_ids(key): without_ids(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((without_ids(item) for item in value), key=str)
    if isinstance(value, bytes):
        return UUID.sub("ID", value.decode("latin-1")).encode("latin-1")
    return UUID.sub("ID", value) if isinstance(value, str) else value


def compare(pair, log) -> dict[str, bytes]:
    """Log by both clients, download each by both; return what there was, if it was the same."""
    runs = [pair.new_run() for _ in range(2)]
    for client, run_id in zip((pair.stock, pair.ours), runs, strict=True):
        log(client, run_id)
    downloads = [
        content(client.download_artifacts(run_id, ""))
        for run_id in runs
        for client in (pair.stock, pair.ours)
    ]
    assert downloads[0] == downloads[1]
    assert downloads[2] == downloads[3]
    assert without_ids(downloads[0]) == without_ids(downloads[2])
    listings = [
        {folder: plain(pair.stock.list_artifacts(run_id, folder)) for folder in folders(download)}
        for run_id, download in zip(runs, downloads[::2], strict=True)
    ]
    assert without_ids(listings[0]) == without_ids(listings[1])
    tags = [pair.stock.get_run(run_id).data.tags for run_id in runs]
    for one in tags:
        one.pop("mlflow.runName")
    assert tags[0] == tags[1]
    return downloads[3]


def folders(files) -> set[str]:
    return {str(folder) if folder.name else "" for name in files for folder in Path(name).parents}


def test_folders(pair, tmp_path):
    """Deep, empty files, odd names; at the top, and in folders."""
    fill(tmp_path, FILES)

    def log(client, run):
        for artifact_path in (None, "a", "a/b c"):
            client.log_artifacts(run, str(tmp_path), artifact_path)

    prefixes = ("", "a/", "a/b c/")
    expected = {prefix + name: data for prefix in prefixes for name, data in FILES.items()}
    assert expected == compare(pair, log)


def test_a_file_or_a_folder_by_itself(pair, tmp_path):
    """The folder goes with its name."""
    fill(tmp_path / "sub", {"x": b"x", "d/y": b"y"})

    def log(client, run):
        client.log_artifact(run, tmp_path / "sub" / "x")
        client.log_artifact(run, str(tmp_path / "sub" / "x"), "in/deep")
        client.log_artifact(run, f"{tmp_path / 'sub'}/")
        client.log_artifact(run, tmp_path / "sub", "in")

    expected = {"x", "in/deep/x", "sub/x", "sub/d/y", "in/sub/x", "in/sub/d/y"}
    assert expected == compare(pair, log).keys()


def test_names_that_mlflows_client_would_cut_or_lose(pair, tmp_path):
    """A question mark is part of a name like any other letter."""
    fill(tmp_path, {"why?not/who?knows": b"1"})
    run_id = pair.new_run()
    pair.ours.log_artifacts(run_id, tmp_path)
    assert {"why?not/who?knows": b"1"} == content(pair.ours.download_artifacts(run_id, ""))


def test_texts_documents_and_streams(pair):
    """The same bytes, whatever is written."""
    document = {"a": [1, 2.5, None, True], "ü": {"b": "ü"}, "c": []}
    large = os.urandom(2_500_000)

    def log(client, run):
        client.log_text(run, "ü\r\n", "t/x.txt")
        client.log_text(run, "", "empty.txt")
        client.log_text(run, "old", "./t//y.txt")
        client.log_text(run, "new", "t/y.txt")
        for ending in (".json", ".yml", ".yaml", ".txt", ""):
            client.log_dict(run, document, f"d/x{ending}")
        client.log_dict(run, {"time": pd.Timestamp("2026-11-21")}, "d/time.json")
        client.log_stream(run, io.BytesIO(b"small"), "s/small")
        client.log_stream(run, io.BytesIO(large), "s/large")
        rest = io.BytesIO(b"read, not read")
        rest.seek(6)
        client.log_stream(run, rest, "s/rest")

    got = compare(pair, log)
    assert (b"new", large, b"not read") == (got["t/y.txt"], got["s/large"], got["s/rest"])


@directly
def test_figures(pair):
    """Of matplotlib and plotly."""
    figure, axes = plt.subplots()
    axes.plot([1, 3, 2])
    plotly = go.Figure(go.Scatter(x=[1], y=[2]))

    def log(client, run):
        client.log_figure(run, figure, "f/a.png")
        client.log_figure(run, figure, "f/b.png", save_kwargs={"dpi": 30})
        client.log_figure(run, figure, "c.jpg")
        client.log_figure(run, plotly, "d.html", save_kwargs={"div_id": "always the same"})

    got = compare(pair, log)
    plt.close(figure)
    assert len(got["f/a.png"]) > len(got["f/b.png"])


IMAGES = {
    "whole numbers": PIXELS,
    "signed": PIXELS.astype(np.int64),
    "floats": PIXELS / 255,
    "floats that need scaling": PIXELS / 100 - 1,
    "booleans": PIXELS[:, :, 0] > 100,
    "grey": PIXELS[:, :, 0],
    "one channel": PIXELS[:, :, :1],
    "with transparency": np.dstack([PIXELS, PIXELS[:, :, 0]]),
    "of Pillow": IMAGE,
    "of mlflow": mlflow.Image(PIXELS),
}


@directly
def test_images(pair):
    """As files, of all kinds."""

    def log(client, run):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            for name, image in IMAGES.items():
                client.log_image(run, image, f"i/{name}.png")
        client.log_image(run, IMAGE, "i.jpg")

    assert len(IMAGES) + 1 == len(compare(pair, log))


def test_images_of_a_series(pair):
    """With the small copies, names and tag that MLflow's pages need."""

    def log(client, run):
        client.log_image(run, PIXELS, key="a/b c", step=3)
        client.log_image(run, IMAGE, key="dogs", step=0, timestamp=17)
        client.log_image(run, IMAGE, key="dogs", synchronous=True)

    got = compare(pair, log)
    assert 6 == len(got)
    assert 2 == sum("dogs+step+0" in name and name.endswith(".png") for name in got)
    small = next(data for name, data in got.items() if name.endswith("compressed.webp"))
    assert (256, 34) == Image.open(io.BytesIO(small)).size


@directly
@pytest.mark.parametrize("by_setting", [False, True])
def test_images_in_the_background(pair, by_setting, no_settings):
    """There when the client is flushed; the image may change meanwhile."""
    run_id, image = pair.new_run(), IMAGE.copy()
    if by_setting:
        no_settings.setenv("MLFLOW_ENABLE_ASYNC_LOGGING", "true")
    for step in range(3):
        pair.ours.log_image(
            run_id, image, key="x", step=step, synchronous=None if by_setting else False
        )
    image.paste(0, (0, 0, 300, 40))
    pair.ours.flush()
    assert "True" == pair.stock.get_run(run_id).data.tags["mlflow.loggedImages"]
    got = content(pair.ours.download_artifacts(run_id, ""))
    assert 6 == len(got)
    full = [data for name, data in got.items() if name.endswith(".png")]
    for data in full:
        assert PIXELS.tobytes() == Image.open(io.BytesIO(data)).tobytes()


TABLE = {"question": ["a", "ü/"], "score": [1.123456789012345, None], "n": [1, 2]}


@directly
def test_tables(pair):
    """Made, added to, as JSON and Parquet; the tag lists each once."""
    frame = pd.DataFrame({**TABLE, "when": pd.to_datetime(["2026-11-21", "2026-11-22"])})

    def log(client, run):
        for name in ("t/a.json", "b.parquet"):
            client.log_table(run, TABLE, name)
            client.log_table(run, pd.DataFrame(TABLE), name)
        client.log_table(run, frame, "c.json")
        client.log_table(run, {"one": "row", "n": 1}, "d.json")
        client.log_table(run, {}, "empty.json")

    assert {"t/a.json", "b.parquet", "c.json", "d.json", "empty.json"} == compare(pair, log).keys()
    assert ["question", "score", "n", "when"] == list(frame.columns)


@directly
def test_images_in_tables(pair):
    """Uploaded beside the table, twice each; the caller's table stays as it was."""
    frame = pd.DataFrame({"what": ["a", "b"], "image": [IMAGE, IMAGE]})

    def log(client, run):
        client.log_table(run, frame.copy(), "t/a.json")
        client.log_table(run, {"image": [mlflow.Image(PIXELS)]}, "b.json")

    got = compare(pair, log)
    assert 6 == sum(name.startswith("table_images/") for name in got)
    pair.ours.log_table(pair.new_run(), frame, "x.json")
    assert IMAGE is frame["image"][0]


def test_tables_are_loaded(pair, stock):
    """Of all runs or some, with columns of the runs."""
    runs = [pair.new_run() for _ in range(3)]
    for number, run_id in enumerate(runs):
        pair.ours.log_table(run_id, {**TABLE, "run_id": ["mine"] * 2}, "t/a.json")
        pair.ours.log_metric(run_id, "m", number)
    pair.ours.log_param(runs[0], "p", "x")
    pair.ours.log_text(pair.new_run(), "no table", "t/a.json")
    extra = ["run_id", "status", "start_time", "end_time", "metrics.m", "params.p"]
    for run_ids in (None, runs[:2]):
        arguments = (pair.experiment_id, "t/a.json", run_ids, extra)
        expected = stock.load_table(*arguments)
        found = pair.ours.load_table(*arguments)
        pd.testing.assert_frame_equal(expected, found)
        assert "run_id_" in found


@directly
def test_tables_that_are_not_there(pair, caplog):
    """Are told as MLflow tells it."""
    with pytest.raises(MlflowException) as refusal:
        pair.ours.load_table(pair.experiment_id, "none.json")
    assert "RESOURCE_DOES_NOT_EXIST" == refusal.value.error_code
    run_id = pair.new_run()
    pair.ours.log_table(run_id, TABLE, "a.json")
    pair.ours.load_table(pair.experiment_id, "a.json", [run_id, pair.new_run()])
    assert "only 1 of the 2 runs" in caplog.text
    with pytest.raises(MlflowException, match=r"no run has the column 'params\.nothing'"):
        pair.ours.load_table(pair.experiment_id, "a.json", extra_columns=["params.nothing"])


UNSUITABLE = {
    "an image and a key": lambda c, r: c.log_image(r, IMAGE, "x.png", key="k"),
    "neither file nor key": lambda c, r: c.log_image(r, IMAGE),
    "a step without a key": lambda c, r: c.log_image(r, IMAGE, "x.png", step=1),
    "a bad key": lambda c, r: c.log_image(r, IMAGE, key="a#b"),
    "pixels above 255": lambda c, r: c.log_image(r, PIXELS.astype(int) + 9, "x.png"),
    "pixels of text": lambda c, r: c.log_image(r, PIXELS.astype(str), "x.png"),
    "five channels": lambda c, r: c.log_image(r, np.zeros((3, 3, 5)), "x.png"),
    "one dimension": lambda c, r: c.log_image(r, np.zeros(3), "x.png"),
    "no image": lambda c, r: c.log_image(r, "image", "x.png"),
    "no figure": lambda c, r: c.log_figure(r, "figure", "x.png"),
    "a figure as what plotly cannot": lambda c, r: c.log_figure(r, go.Figure(), "x.csv"),
    "no table": lambda c, r: c.log_table(r, [1], "x.json"),
    "a table as CSV": lambda c, r: c.log_table(r, TABLE, "x.csv"),
    "a path of a table with a quote": lambda c, r: c.log_table(r, TABLE, "x'.json"),
    "images and text in a column": lambda c, r: c.log_table(r, {"a": [IMAGE, 1]}, "x.json"),
}


@pytest.mark.parametrize("case", UNSUITABLE)
def test_what_cannot_be_logged_is_refused_as_in_mlflow(stock, client, run_id, case):
    """The same kind of error, ours besides; nothing is uploaded."""
    log = UNSUITABLE[case]
    with pytest.raises((TypeError, ValueError, MlflowException, mlflow.MlflowException)) as theirs:
        log(stock, run_id)
    with pytest.raises(UnsuitableObject) as ours:
        log(client, run_id)
    if not isinstance(theirs.value, mlflow.MlflowException):
        assert isinstance(ours.value, type(theirs.value))
    assert [] == client.list_artifacts(run_id)


@pytest.mark.parametrize(
    "log",
    [
        lambda c, r: c.log_image(r, Image.new("CMYK", (2, 2)), "x.png"),
        lambda c, r: c.log_image(r, IMAGE, "x.unknown"),
        lambda c, r: c.log_figure(r, plt.figure(), "no ending"),
        lambda c, r: c.log_figure(r, plt.figure(), "x.png", save_kwargs={"nonsense": 1}),
        lambda c, r: c.log_table(r, {"a": [object(), {1, 2}]}, "x.parquet"),
        lambda c, r: c.log_stream(r, io.StringIO("text"), "x"),
        lambda c, r: c.log_stream(r, "text", "x"),
        lambda c, r: c.log_dict(r, {"a": (one for one in ())}, "x.yaml"),
    ],
)
def test_what_a_library_cannot_save_is_refused(client, run_id, log):
    """With the reason that the library gives."""
    with pytest.raises(UnsuitableObject):
        log(client, run_id)
    plt.close("all")
    assert [] == client.list_artifacts(run_id)


@pytest.mark.parametrize(
    ("library", "log"),
    [
        ("yaml", lambda c, r: c.log_dict(r, {}, "x.yml")),
        ("PIL", lambda c, r: c.log_image(r, PIXELS, "x.png")),
        ("pandas", lambda c, r: c.log_table(r, {"a": [1]}, "x.json")),
        ("pandas", lambda c, _: c.load_table("0", "x.json")),
    ],
)
def test_a_library_that_is_missing_is_named(client, run_id, monkeypatch, library, log):
    """With how to install it."""
    for name in (library, f"{library}.Image"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingLibrary, match=f"this needs {library}: pip install"):
        log(client, run_id)


def test_what_is_not_there_is_told(client, run_id, tmp_path):
    """Where MLflow's client would upload nothing, and say nothing."""
    for log in (client.log_artifact, client.log_artifacts):
        with pytest.raises(LocalFileError, match="nowhere"):
            log(run_id, tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(LocalFileError, match="it is no folder"):
        client.log_artifacts(run_id, tmp_path / "file")
    with pytest.raises(MlflowException) as refusal:
        client.log_text("0" * 32, "x", "x")
    assert "RESOURCE_DOES_NOT_EXIST" == refusal.value.error_code


def test_an_empty_folder_is_nothing(client, run_id, tmp_path):
    """As in MLflow, which knows no empty folders."""
    (tmp_path / "folder" / "empty").mkdir(parents=True)
    client.log_artifacts(run_id, tmp_path / "folder")
    assert [] == client.list_artifacts(run_id)


def test_artifacts_of_logged_models(pair, tmp_path):
    """A file, a folder, into folders."""
    fill(tmp_path, FILES)
    runs, models = [pair.new_run(), pair.new_run()], []
    for client, run_id in zip((pair.stock, pair.ours), runs, strict=True):
        model = pair.stock.create_logged_model(pair.experiment_id, "m", run_id).model_id
        client.log_model_artifact(model, str(tmp_path / "top.txt"))
        client.log_model_artifact(model, str(tmp_path / "zero"), "a/b")
        client.log_model_artifacts(model, str(tmp_path))
        client.log_model_artifacts(model, str(tmp_path / "deep"), "d")
        models.append(model)
    theirs, ours = (content(pair.ours.download_model(f"models:/{model_id}")) for model_id in models)
    assert theirs == ours
    assert {"top.txt", "a/b/zero", "deep/er/big.bin", "d/er/big.bin"} <= ours.keys()
    for path in (None, "d", "top.txt"):
        expected, found = (
            plain(client.list_logged_model_artifacts(model_id, path))
            for client, model_id in zip((pair.stock, pair.ours), models, strict=True)
        )
        assert expected == found


def test_a_model_that_is_not_there(client, tmp_path):
    """Has no place for files."""
    with pytest.raises(MlflowException) as refusal:
        client.log_model_artifacts("m-nowhere", tmp_path)
    assert "RESOURCE_DOES_NOT_EXIST" == refusal.value.error_code
