import os
import threading
from pathlib import Path

import pytest

from penstock.errors import LocalFileError, MlflowException, TransferFailed, UnsafePath
from penstock.rest.artifacts.download import Wanted, download
from penstock.rest.artifacts.local_root import LocalRoot
from penstock.rest.artifacts.run_artifacts import plan
from penstock.rest.artifacts.transfers import MOST_TRANSFERS


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    (folder / "model" / "data").mkdir(parents=True)
    (folder / "model" / "empty").mkdir()
    (folder / "model" / "MLmodel").write_text("flavors: {}")
    (folder / "model" / "data" / "ü %.bin").write_bytes(os.urandom(100_000))
    (folder / "zero").touch()
    return folder


def content(folder) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def test_a_folder_is_downloaded_as_it_is(source, tmp_path):
    """Deep, empty, odd names and all; the destination is made."""
    root = LocalRoot(source)
    folder = download(plan(root, ""), tmp_path / "new" / "target")
    assert str(tmp_path / "new" / "target") == folder
    assert content(source) == content(tmp_path / "new" / "target")


def test_without_a_destination_there_is_a_new_folder(source):
    """Each time another one."""
    wanted = plan(LocalRoot(source), "model/data")
    first, second = download(wanted, None), download(wanted, None)
    assert first != second
    assert {"ü %.bin"} == content(Path(first, "model", "data")).keys()


def test_existing_files_are_replaced_and_others_kept(source, tmp_path):
    """A second download brings the folder up to date."""
    target = tmp_path / "target"
    (target / "model").mkdir(parents=True)
    (target / "model" / "MLmodel").write_text("old")
    (target / "mine").write_text("mine")
    download(plan(LocalRoot(source), "model"), target)
    assert "flavors: {}" == (target / "model" / "MLmodel").read_text()
    assert "mine" == (target / "mine").read_text()


class Failing:
    """A root whose files break off, but for the good ones."""

    def check_name(self, path):
        assert path

    def children(self, _path):
        return []

    def fetch(self, path, sink, *, size):
        sink.write(b"half")
        if not path.startswith("good"):
            raise MlflowException(f"{path} of {size} bytes is broken")


def test_a_broken_download_leaves_no_part_behind(tmp_path):
    """Whole files stay, halves do not; all are tried, and each failure is told."""
    root = Failing()
    names = ["good1", "bad1", "bad2", "good2"]
    with pytest.raises(TransferFailed) as failure:
        download([Wanted(root, name, f"sub/{name}", 9) for name in names], tmp_path)
    assert {"sub": None, "sub/good1": b"half", "sub/good2": b"half"} == content(tmp_path)
    assert {"sub/bad1", "sub/bad2"} == failure.value.failures.keys()
    assert str(failure.value).startswith("2 of 4 files were not downloaded:\n  sub/bad1: bad1 of 9")


def test_of_many_failures_the_message_names_some(tmp_path):
    """The rest is in an attribute."""
    with pytest.raises(
        TransferFailed, match=r"25 of 25 files .*\n(  .*\n){20}  … and 5 more"
    ) as all_:
        download([Wanted(Failing(), str(number), str(number)) for number in range(25)], tmp_path)
    assert 25 == len(all_.value.failures)


def test_a_broken_download_does_not_touch_the_file_that_was_there(tmp_path):
    """The old content is whole until the new one is."""
    (tmp_path / "bad").write_text("old")
    with pytest.raises(MlflowException, match="broken"):
        download([Wanted(Failing(), "bad", "bad")], tmp_path)
    assert {"bad": b"old"} == content(tmp_path)


def test_a_disk_that_refuses_is_an_error_of_ours(source, tmp_path):
    """With the file that it refused."""
    (tmp_path / "target" / "model" / "MLmodel").mkdir(parents=True)
    with pytest.raises(TransferFailed, match=r"1 of 2 .*\n  model/MLmodel: cannot write"):
        download(plan(LocalRoot(source), "model"), tmp_path / "target")
    (tmp_path / "file").touch()
    with pytest.raises(LocalFileError, match="file"):
        download(plan(LocalRoot(source), "model"), tmp_path / "file" / "below")


def test_a_link_in_the_destination_stops_everything(source, tmp_path):
    """Not one file is written, not even those that would be fine."""
    outside, target = tmp_path / "outside", tmp_path / "target"
    outside.mkdir()
    target.mkdir()
    (target / "model").symlink_to(outside)
    with pytest.raises(UnsafePath):
        download(plan(LocalRoot(source), ""), target)
    assert {} == content(outside)
    assert {"model": None} == content(target)


def test_a_link_in_the_source_that_leads_out_is_refused(source, tmp_path):
    """A shared folder may hold a link to anywhere on this machine."""
    (tmp_path / "secret").write_text("secret")
    (source / "model" / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(UnsafePath, match="link"):
        download(plan(LocalRoot(source), "model"), tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_many_files_come_at_once_but_not_all(tmp_path):
    """In parallel, within a bound."""
    everybody = threading.Barrier(MOST_TRANSFERS, timeout=30)
    present, most = [], []

    class Slow:
        def check_name(self, path):
            assert path

        def fetch(self, path, _sink, *, size):
            assert size is None
            present.append(path)
            most.append(len(present))
            everybody.wait()
            present.remove(path)

        def children(self, _path):
            return []

    count = 3 * MOST_TRANSFERS
    download([Wanted(Slow(), str(number), str(number)) for number in range(count)], tmp_path)
    assert count == len(content(tmp_path))
    assert max(most) <= 2 * MOST_TRANSFERS


def test_a_missing_file_is_told_as_mlflow_tells_it(source):
    """With what to do when the folder is another machine's."""
    with pytest.raises(MlflowException, match="--serve-artifacts") as refusal:
        download([Wanted(LocalRoot(source), "nothing", "nothing")], None)
    assert "RESOURCE_DOES_NOT_EXIST" == refusal.value.error_code
