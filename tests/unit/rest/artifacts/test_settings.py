import pytest

from penstock.errors import ConfigurationError
from penstock.rest.artifacts.settings import read_settings

MEBIBYTE = 1 << 20


@pytest.fixture(autouse=True)
def nowhere(monkeypatch, tmp_path):
    """No settings but those of a test."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR",
        "MLFLOW_ENABLE_ASYNC_LOGGING",
        "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD",
        "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD",
        "MLFLOW_MULTIPART_DOWNLOAD_MINIMUM_FILE_SIZE",
        "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE",
        "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE",
        "MLFLOW_S3_IGNORE_TLS",
    ):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_without_settings_they_are_mlflows():
    """500 MiB until a file is large, parts of 10 MiB."""
    expected = {
        "shows_progress": True,
        "is_asynchronous": False,
        "is_multipart": None,
        "is_direct": None,
        "multipart_minimum": 500 * MEBIBYTE,
        "direct_minimum": 500 * MEBIBYTE,
        "part_size": 10 * MEBIBYTE,
        "ignores_tls_of_s3": False,
    }
    assert expected == read_settings()._asdict()


def test_they_are_read_by_mlflows_names(nowhere):
    """From `.env` as well."""
    nowhere.setenv("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "False")
    nowhere.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "true")
    nowhere.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "0")
    nowhere.setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", "5")
    settings = read_settings()
    assert (False, True, False, 5) == (
        settings.shows_progress,
        settings.is_multipart,
        settings.is_direct,
        settings.part_size,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "maybe"),
        ("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", "0"),
        ("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", "1 MB"),
    ],
)
def test_a_wrong_setting_is_named(nowhere, name, value):
    """With what it should be."""
    nowhere.setenv(name, value)
    with pytest.raises(ConfigurationError, match=f"{name} must be"):
        read_settings()


def test_a_file_of_settings_that_is_not_well_formed_is_told(tmp_path):
    """As one of ours."""
    (tmp_path / "penstock.toml").write_text("a = = b")
    with pytest.raises(ConfigurationError, match=r"penstock\.toml"):
        read_settings()
