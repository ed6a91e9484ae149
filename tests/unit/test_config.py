import os

import pytest

from penstock.config import Config, load_config


@pytest.fixture
def write(tmp_path):
    def _write(name: str, text: str | bytes) -> None:
        content = text.encode() if isinstance(text, str) else text
        (tmp_path / name).write_bytes(content)

    return _write


def load(folder, **environ: str) -> Config:
    return load_config(environ, folder)


def test_the_environment_wins_over_dotenv_and_dotenv_over_toml(tmp_path, write):
    """Each setting comes from the first place that has it."""
    write(".env", "PENSTOCK_B=dotenv\nPENSTOCK_A=dotenv\n")
    write("penstock.toml", 'a = "toml"\nb = "toml"\nc = "toml"\n')
    config = load(tmp_path, PENSTOCK_A="environment")
    assert {"PENSTOCK_A": "environment", "PENSTOCK_B": "dotenv", "PENSTOCK_C": "toml"} == dict(
        config
    )


def test_the_source_of_a_setting_is_known(tmp_path, write):
    """For messages that say where a wrong value stands."""
    write(".env", "PENSTOCK_B=1")
    write("penstock.toml", "c = 1")
    config = load(tmp_path, PENSTOCK_A="1")
    assert ["environment", str(tmp_path / ".env"), str(tmp_path / "penstock.toml")] == [
        config.source(f"PENSTOCK_{name}") for name in "ABC"
    ]


def test_an_empty_value_counts_as_not_set(tmp_path, write):
    """The next place is asked, and none at all is none."""
    write(".env", "PENSTOCK_A=\nPENSTOCK_B=\nPENSTOCK_D\n")
    write("penstock.toml", 'a = "toml"\nc = ""\n')
    config = load(tmp_path, PENSTOCK_A="", PENSTOCK_B="", PENSTOCK_C="")
    assert {"PENSTOCK_A": "toml"} == dict(config)


def test_names_in_toml_are_settings_in_lower_case(tmp_path, write):
    """With `-` or `_`, and values of any simple kind."""
    write(
        "penstock.toml",
        'upstream-url = "u"\ndata_dir = "d"\nport = 1\nseconds = 1.5\non = true\noff = false',
    )
    expected = {
        "PENSTOCK_UPSTREAM_URL": "u",
        "PENSTOCK_DATA_DIR": "d",
        "PENSTOCK_PORT": "1",
        "PENSTOCK_SECONDS": "1.5",
        "PENSTOCK_ON": "true",
        "PENSTOCK_OFF": "false",
    }
    assert expected == dict(load(tmp_path))


def test_a_value_in_dotenv_is_taken_as_it_is(tmp_path, write):
    """Nothing is put in for `$` or `${…}`; quotes and comments are dotenv's."""
    write(
        ".env",
        "export PENSTOCK_A='a b'\nPENSTOCK_B=${HOME}$X # c\nPENSTOCK_C=\"x#y\"\n# PENSTOCK_D=1\n",
    )
    config = load(tmp_path, HOME="/root")
    assert ("a b", "${HOME}$X", "x#y") == tuple(config[f"PENSTOCK_{name}"] for name in "ABC")
    assert "PENSTOCK_D" not in config


def test_no_file_is_no_setting(tmp_path):
    """An empty folder, and one that does not exist."""
    assert {} == dict(load(tmp_path))
    assert {} == dict(load(tmp_path / "none"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("penstock.toml", "a = "),
        ("penstock.toml", "a = 1\na = 2"),
        ("penstock.toml", "a-b = 1\na_b = 1"),
        ("penstock.toml", b"a = '\xff'"),
        ("penstock.toml", "[table]\na = 1"),
        ("penstock.toml", "a = [1]"),
        ("penstock.toml", "a = 2026-11-21"),
        (".env", b"PENSTOCK_A=\xff"),
        (".env", "PENSTOCK_A=1\nPENSTOCK_B='open\n"),
        (".env", "what is this?\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path, write, name, text):
    """The message names the file."""
    write(name, text)
    with pytest.raises(ValueError, match=name.replace(".", r"\.")):
        load(tmp_path)


def test_a_line_of_dotenv_that_is_none_is_told_by_its_number(tmp_path, write):
    """Not by what stands there: it may be half a password."""
    write(".env", "PENSTOCK_A=1\nPENSTOCK_ADMIN_PASSWORD='hunter2\n")
    with pytest.raises(ValueError, match=r"\.env, line 2: ") as caught:
        load(tmp_path)
    assert "hunter2" not in str(caught.value)


def test_empty_lines_of_dotenv_count(tmp_path, write):
    """The number is the one that an editor shows."""
    write(".env", "PENSTOCK_A=1\n\n\nwhat is this?\n")
    with pytest.raises(ValueError, match=r"\.env, line 4: "):
        load(tmp_path)


def test_a_folder_in_a_file_s_place_is_no_file(tmp_path):
    """Many call their virtual environment `.env`."""
    (tmp_path / ".env").mkdir()
    (tmp_path / "penstock.toml").mkdir()
    assert {} == dict(load(tmp_path))


def test_the_process_s_own_environment_and_folder_are_the_default(tmp_path, write, monkeypatch):
    """For those who have no others."""
    write("penstock.toml", "b = 1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PENSTOCK_A", "1")
    config = load_config()
    assert ("1", "1") == (config["PENSTOCK_A"], config["PENSTOCK_B"])
    assert set(os.environ) >= {"PENSTOCK_A"}


def test_what_was_read_does_not_change_with_the_environment(tmp_path, monkeypatch):
    """A config is a copy."""
    environ = {"PENSTOCK_A": "1"}
    config = load_config(environ, tmp_path)
    environ["PENSTOCK_A"] = "2"
    monkeypatch.setenv("PENSTOCK_A", "3")
    assert "1" == config["PENSTOCK_A"]


def test_a_config_shows_names_alone():
    """Some values are secrets."""
    config = Config({"PENSTOCK_B": "hunter2", "PENSTOCK_A": "hunter2"}, {})
    for shown in (repr(config), str(config), f"{config}"):
        assert "Config(PENSTOCK_A, PENSTOCK_B)" == shown


def test_a_config_is_a_mapping():
    """With a length, and the first of several names."""
    config = Config({"A": "1", "B": "2"}, {})
    assert (2, ["A", "B"], "1") == (len(config), list(config), config["A"])
    assert ("2", None) == (config.first("X", "B", "A"), config.first("X", "Y"))
    with pytest.raises(KeyError):
        config["X"]
