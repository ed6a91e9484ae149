import pytest

from penstock.errors import LocalFileError
from penstock.rest.artifacts import written_beside as module
from penstock.rest.artifacts.written_beside import written_beside


def names(folder) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture(params=["nameless", "named"], autouse=True)
def way(request, monkeypatch):
    """Both ways: the usual one, and the one of file systems that know no nameless files."""
    if request.param == "named":
        monkeypatch.setattr(module, "_open_nameless", lambda _folder: None)
    return request.param


def test_a_file_appears_when_it_is_whole(tmp_path, way):
    """Until then only a part with another name is there, if any."""
    with written_beside(tmp_path / "x") as file:
        file.write(b"content")
        parts = names(tmp_path)
        assert "x" not in parts
        assert (way == "named") == bool(parts)
    assert ["x"] == names(tmp_path)
    assert b"content" == (tmp_path / "x").read_bytes()


def test_a_file_that_was_there_is_replaced_at_the_end(tmp_path):
    """Readers see the old content or the new one."""
    target = tmp_path / "x"
    target.write_text("old")
    with written_beside(target) as file:
        file.write(b"new")
        assert "old" == target.read_text()
    assert "new" == target.read_text()


def test_the_file_has_the_rights_that_new_files_have(tmp_path):
    """Others may read it where the process lets them."""
    (tmp_path / "usual").touch()
    with written_beside(tmp_path / "x"):
        pass
    assert (tmp_path / "usual").stat().st_mode == (tmp_path / "x").stat().st_mode


def test_a_failure_leaves_nothing_behind(tmp_path):
    """And the file that was there stays."""
    (tmp_path / "x").write_text("old")
    with pytest.raises(ZeroDivisionError), written_beside(tmp_path / "x") as file:
        file.write(b"x" * (1 // 0))
    assert ["x"] == names(tmp_path)
    assert "old" == (tmp_path / "x").read_text()


def test_a_link_is_replaced_and_not_followed(tmp_path):
    """Its target keeps its content."""
    (tmp_path / "target").write_text("old")
    (tmp_path / "x").symlink_to(tmp_path / "target")
    with written_beside(tmp_path / "x") as file:
        file.write(b"new")
    assert ("old", "new") == ((tmp_path / "target").read_text(), (tmp_path / "x").read_text())
    assert not (tmp_path / "x").is_symlink()


def test_a_disk_that_refuses_is_an_error_of_ours(tmp_path):
    """With the file that it refused."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x").touch()
    for target in (tmp_path / "nowhere" / "x", tmp_path / "folder"):
        with pytest.raises(LocalFileError, match=f"cannot write {target}"), written_beside(target):
            pass
    assert ["folder"] == names(tmp_path)
