from pathlib import Path

import pytest
from pydantic import ValidationError

from penstock.config import SETTINGS, Config
from penstock.errors import ConfigurationError
from penstock.gateway.settings import SIMPLE, GatewaySettings
from penstock.serving.settings import DESCRIPTIONS

VALUES = {
    "upstream_url": ("http://mlflow:5000/", "http://mlflow:5000"),
    "data_dir": ("/srv/data", Path("/srv/data")),
    "database_url": ("sqlite:///x.db", "sqlite:///x.db"),
    "host": ("::", "::"),
    "port": ("0", 0),
    "admin_username": ("root@b.c", "root@b.c"),
    "admin_password": ("a long secret", "a long secret"),
    "public_url": ("https://mlflow.example.org/", "https://mlflow.example.org"),
    "trusted_proxies": ("10.0.0.0/8, ::1", "10.0.0.0/8, ::1"),
    "session_seconds": ("3600", 3600),
    "invitation_seconds": ("86400", 86400),
    "metrics_token": ("m" * 16, "m" * 16),
    "audit_days": ("0", 0),
    "credential_seconds": ("0", 0),
    "default_level": ("READ", "READ"),
    "deployers": ("users", "users"),
    "deploy_host": ("10.0.0.7", "10.0.0.7"),
    "deploy_ports": ("9200-9210", "9200-9210"),
    "secret_key": ("s" * 32, "s" * 32),
    "upstream_connect_seconds": ("0.5", 0.5),
    "upstream_seconds": ("1e2", 100),
    "upstream_long_seconds": ("3600", 3600),
    "upstream_transfer_seconds": ("7200", 7200),
    "client_idle_seconds": ("5", 5),
    "max_body_bytes": ("1024", 1024),
}

SECRET = "hunter2-and-more"

WRONG = {
    "upstream_url": [
        SECRET,
        f"ftp://{SECRET}",
        f"http://ann:{SECRET}@h",
        f"http://ann@{SECRET}",
        f"http://h?{SECRET}",
        f"http://h#{SECRET}",
        f"http://h:{SECRET}",
        f"http://{SECRET}:99999",
        f"http://[{SECRET}",
        f"http://{SECRET} x",
        f"http://h/{SECRET}\\",
        f"http://h/../{SECRET}",
        f"http://h/%2e/{SECRET}",
        f"http://h//{SECRET}",
        "http://",
        "http://:80",
    ],
    "public_url": [SECRET, f"ftp://{SECRET}", f"http://ann:{SECRET}@h", f"https://h?{SECRET}"],
    "trusted_proxies": [SECRET, f"10.0.0.0/8,{SECRET}", "10.0.0.1/8", "10.0.0.0/33"],
    "session_seconds": [SECRET, "0", "59", "nan", "inf", "1e9"],
    "invitation_seconds": [SECRET, "0", "59", "nan", "inf", "1e9"],
    "metrics_token": [SECRET[:15]],
    "audit_days": [SECRET, "-1", "1.5", "100000"],
    "port": [SECRET, "-1", "65536", "1.5", "0x50", "eighty"],
    "secret_key": [SECRET],
    "deployers": [SECRET, "nobody"],
    "deploy_ports": [SECRET, "9100", "9200-9100", "0-10", "1-70000"],
    "default_level": [SECRET, "read", "OWNER", "0"],
    "credential_seconds": [SECRET, "-1", "3601", "nan", "inf", "5m"],
    "upstream_connect_seconds": [SECRET, "0", "-1", "nan", "inf", "1e300"],
    "upstream_seconds": [SECRET, "0", "-1", "nan", "inf", "1e300"],
    "upstream_long_seconds": [SECRET, "0", "nan", "-inf", "1e300"],
    "client_idle_seconds": [SECRET, "0", "nan", "inf", "1e300"],
    "max_body_bytes": [SECRET, "0", "-1", "16MiB", "1e3", "1.5", "nan"],
}


def read(**named: str) -> GatewaySettings:
    variables = {f"PENSTOCK_{field.upper()}": value for field, value in named.items()}
    return GatewaySettings.from_config(Config(variables, dict.fromkeys(variables, "x")))


@pytest.mark.parametrize("field", VALUES)
def test_every_setting_is_read_from_its_variable(field):
    """`PENSTOCK_` and the field's name in upper case."""
    text, expected = VALUES[field]
    value = getattr(read(**{field: text}), field)
    shown = (
        value.get_secret_value()
        if field in {"admin_password", "secret_key", "metrics_token"}
        else value
    )
    assert expected == shown


def test_the_settings_above_are_all():
    """A new setting needs its line; those of providers have tests of their own."""
    assert set(SIMPLE) == set(VALUES) == set(GatewaySettings.model_fields) - {"oidc"}


@pytest.mark.parametrize(
    ("field", "text"), [(field, text) for field, texts in WRONG.items() for text in texts]
)
def test_a_wrong_value_is_told_by_its_variable_alone(field, text):
    """The message names the variable and what it should be, never the value."""
    with pytest.raises(ConfigurationError, match=f"PENSTOCK_{field.upper()}: ") as caught:
        read(**{field: text})
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value.__cause__)


def test_all_wrong_values_are_told_together():
    """So that one start is enough to correct them."""
    with pytest.raises(ConfigurationError) as caught:
        read(port="x", max_body_bytes="y")
    assert "PENSTOCK_PORT: " in str(caught.value)
    assert "PENSTOCK_MAX_BODY_BYTES: " in str(caught.value)


def test_nothing_needs_to_be_set():
    """Every setting has a default that works on one machine."""
    settings = read()
    assert ("127.0.0.1", 8000, "http://127.0.0.1:8080") == (
        settings.host,
        settings.port,
        settings.upstream_url,
    )
    assert "sqlite:///penstock-data/penstock.db" == settings.resolved_database_url


def test_what_a_command_names_wins():
    """Options before variables; an option that was not given counts for nothing."""
    values = {"PENSTOCK_PORT": "1", "PENSTOCK_HOST": "a"}
    config = Config(values, dict.fromkeys(values, "x"))
    settings = GatewaySettings.from_config(config, port=2, host=None)
    assert (2, "a") == (settings.port, settings.host)


def test_variables_of_others_are_not_read():
    """Neither without the prefix nor of another name."""
    values = {"PORT": "1", "PENSTOCK_PORTS": "x", "penstock_port": "2"}
    config = Config(values, dict.fromkeys(values, "environment"))
    assert 8000 == GatewaySettings.from_config(config).port


def test_no_secret_is_shown():
    """Neither the administrator's password nor the database's."""
    settings = read(admin_password=SECRET, database_url=f"sqlite:///x?password={SECRET}")
    for shown in (
        repr(settings),
        str(settings),
        f"{settings}",
        repr(settings.__dict__["admin_password"]),
    ):
        assert SECRET not in shown


def test_settings_do_not_change():
    """What was checked stays as it was checked."""
    settings = read()
    with pytest.raises(ValidationError):
        settings.port = 1


@pytest.mark.parametrize(
    ("name", "hint"), [("upstream_ulr", "did you mean 'upstream_url'?"), ("x", "remove it")]
)
def test_a_name_in_toml_that_is_no_setting_is_told(name, hint):
    """A mistyped name would otherwise leave the default in place without a word."""
    setting = f"PENSTOCK_{name.upper()}"
    config = Config({setting: "http://h"}, {setting: "penstock.toml"})
    with pytest.raises(ConfigurationError) as caught:
        GatewaySettings.from_config(config)
    assert f"penstock.toml: '{name}' is no setting; {hint}" == str(caught.value)


def test_the_names_that_a_file_may_hold_are_those_of_the_settings():
    """The commands know them without the gateway's libraries."""
    of_commands = {"ARTIFACT_STORE", "JOB_WORKERS", "MLFLOW_PORT", "URL"}
    of_models = {"CACHE_BYTES", "CACHE_DIR", "LOCAL_MODELS_DIR"}
    of_serving = {f"SERVE_{name.upper()}" for name in DESCRIPTIONS}
    own = {name.upper() for name in SIMPLE}
    assert own | of_commands | of_models | of_serving == SETTINGS


def test_a_home_that_does_not_exist_is_told():
    """The message names the setting."""
    with pytest.raises(ConfigurationError, match=r"PENSTOCK_DATA_DIR: .*home that exists"):
        read(data_dir="~no-such-user/x")


def test_other_programs_variables_are_no_business_of_the_gateway():
    """The environment holds whatever it holds; settings of commands may stand in the file."""
    sources = {"PENSTOCK_PORTAL": "environment", "PENSTOCK_MLFLOW_PORT": "penstock.toml"}
    settings = GatewaySettings.from_config(Config(dict.fromkeys(sources, "1"), sources))
    assert 8000 == settings.port


def test_the_data_folder_may_be_below_home(monkeypatch):
    """`~` stands for it, as in a shell."""
    monkeypatch.setenv("HOME", "/home/ann")
    assert Path("/home/ann/x") == read(data_dir="~/x").data_dir
