"""Settings for commands."""

from pathlib import Path

import pytest

from penstock.cli.settings import flag_setting, folder_setting, port_setting, read_settings
from penstock.cli.up.launch import Launch
from penstock.config import Config
from penstock.errors import ConfigurationError


def config(**values: str) -> Config:
    return Config(values, dict.fromkeys(values, "environment"))


@pytest.mark.parametrize("text", ["-1", "65536", "http", "80.0", "٨٠", " "])
def test_a_wrong_port_is_named(text):
    """What is no port is refused with the setting's name and what it should be."""
    with pytest.raises(ConfigurationError, match="PENSTOCK_PORT must be a port from 0 to 65535"):
        port_setting(config(PENSTOCK_PORT=text), "PENSTOCK_PORT", 8000)


@pytest.mark.parametrize("text", ["1", "true", "TRUE", "yes", "on"])
def test_words_that_turn_a_setting_on(text):
    """A flag is turned on by the usual words."""
    assert flag_setting(config(FLAG=text), "FLAG", default=False)


@pytest.mark.parametrize("text", ["0", "false", "No", "off"])
def test_words_that_turn_a_setting_off(text):
    """A flag is turned off by the usual words."""
    assert not flag_setting(config(FLAG=text), "FLAG", default=True)


def test_another_word_is_refused():
    """A flag that is neither on nor off is an error, not a guess."""
    with pytest.raises(ConfigurationError, match="FLAG must be true or false, not 'perhaps'"):
        flag_setting(config(FLAG="perhaps"), "FLAG", default=False)


def test_a_broken_file_of_settings_is_named(monkeypatch, tmp_path):
    """A file that cannot be parsed is an expected error that names the file."""
    (tmp_path / "penstock.toml").write_text("port = = 3")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigurationError, match=r"cannot read .*penstock\.toml"):
        read_settings()


def test_a_mistyped_name_in_the_file_is_told_to_every_command(monkeypatch, tmp_path):
    """A command that ignored it would go to another server than its user meant."""
    (tmp_path / "penstock.toml").write_text('ulr = "http://127.0.0.1:9"')
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigurationError, match="'ulr' is no setting; did you mean 'url'"):
        read_settings()


def test_a_folder_may_be_below_home(monkeypatch):
    """`~` stands for it, in an option as in a setting."""
    monkeypatch.setenv("HOME", "/home/ann")

    assert Path("/home/ann/a") == folder_setting(config(FOLDER="~/a"), "FOLDER", "b")
    assert Path("/home/ann/c") == Launch.from_config(config(), data=Path("~/c")).data


def test_a_home_that_does_not_exist_is_told():
    """Whoever named it, setting or option, is named in turn."""
    with pytest.raises(ConfigurationError, match="FOLDER must name somebody's home"):
        folder_setting(config(FOLDER="~no-such-user/a"), "FOLDER", "b")
    with pytest.raises(ConfigurationError, match="--data must name somebody's home"):
        Launch.from_config(config(), data=Path("~no-such-user/c"))


def test_options_of_up_count_before_settings_and_settings_before_defaults():
    """Each value comes from its option, else from its setting, else it is the usual one."""
    settings = config(PENSTOCK_PORT="8001", PENSTOCK_DATA_DIR="/srv/p", PENSTOCK_JOB_WORKERS="on")

    wanted = Launch.from_config(
        settings, host=None, port=0, mlflow_port=None, data=None, job_workers=False
    )

    assert Launch("127.0.0.1", 0, 8080, Path("/srv/p"), job_workers=False) == wanted


def test_the_artifact_store_of_up_is_checked_before_anything_starts():
    """Option before setting; a wrong one is told by the name of who named it."""
    stored = config(PENSTOCK_ARTIFACT_STORE="s3://models/a/")

    assert "s3://models/a" == Launch.from_config(stored).artifacts
    assert "s3://other" == Launch.from_config(stored, artifacts="s3://other").artifacts
    assert "" == Launch.from_config(config()).artifacts
    with pytest.raises(ConfigurationError, match="--artifacts must be s3://bucket"):
        Launch.from_config(stored, artifacts="/srv/x")
    with pytest.raises(ConfigurationError, match=r"PENSTOCK_ARTIFACT_STORE: .* no name"):
        Launch.from_config(config(PENSTOCK_ARTIFACT_STORE="s3://A/b"))
