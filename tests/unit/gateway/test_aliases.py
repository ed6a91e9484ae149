"""Variables of other programs that stand for settings."""

import pytest
from sqlalchemy import make_url

from penstock.config import Config
from penstock.errors import ConfigurationError
from penstock.gateway.aliases import ALIASES, with_aliases
from penstock.gateway.settings import GatewaySettings

DATABASE = {
    "VAULT_SERVICE_MYSQL_USERNAME": "penstock",
    "VAULT_SERVICE_MYSQL_PASSWORD": "hunter2",
    "CONFIG_SERVICE_MYSQL_DATABASE": "gateway",
    "CONFIG_SERVICE_MYSQL_MASTERHOST": "db.example.org",
}


def config(**values: str) -> Config:
    return Config(values, dict.fromkeys(values, "environment"))


@pytest.mark.parametrize(
    ("setting", "alias"),
    [(setting, alias) for setting, names in ALIASES.items() for alias in names],
)
def test_an_alias_counts_where_the_setting_is_not_set(setting, alias):
    """The setting's own name wins."""
    assert "theirs" == with_aliases(config(**{alias: "theirs"}))[setting]
    both = config(**{alias: "theirs", setting: "ours"})
    assert "ours" == with_aliases(both)[setting]


def test_the_gateway_reads_aliases():
    """Address of MLflow, public address, and the first administrator."""
    settings = GatewaySettings.from_config(
        config(
            MLFLOW_UI_URL="http://mlflow:5000/",
            MLFLOW_APP_LAYER_URL="https://mlflow.example.org",
            VAULT_SERVICE_MLFLOW_ADMIN_USERNAME="root@example.org",
            VAULT_SERVICE_MLFLOW_ADMIN_PASSWORD="a long secret",
        )
    )
    assert ("http://mlflow:5000", "https://mlflow.example.org", "root@example.org") == (
        settings.upstream_url,
        settings.public_url,
        settings.admin_username,
    )
    assert settings.admin_password is not None
    assert "a long secret" == settings.admin_password.get_secret_value()


def test_a_wrong_value_is_told_by_the_name_that_holds_it():
    """Who has set the alias has never heard of our setting."""
    with pytest.raises(ConfigurationError, match=r"^MLFLOW_UI_URL: must be an address"):
        GatewaySettings.from_config(config(MLFLOW_UI_URL="ftp://x"))


@pytest.mark.parametrize(
    ("extra", "host", "port"),
    [
        ({}, "db.example.org", 3306),
        ({"MYSQL_PORT": "3307"}, "db.example.org", 3307),
        ({"DARWIN_MYSQL_HOST": "other"}, "db.example.org", 3306),
        ({"CONFIG_SERVICE_MYSQL_MASTERHOST": "", "DARWIN_MYSQL_HOST": "other"}, "other", 3306),
        ({"CONFIG_SERVICE_MYSQL_MASTERHOST": "::1"}, "::1", 3306),
    ],
)
def test_the_database_s_url_is_made_of_its_variables(extra, host, port):
    """With the usual port, and the first of the hosts that is set."""
    values = {name: value for name, value in {**DATABASE, **extra}.items() if value}
    url = make_url(with_aliases(config(**values))["PENSTOCK_DATABASE_URL"])
    assert ("mysql", "penstock", "hunter2", host, port, "gateway") == tuple(url)[:6]


@pytest.mark.parametrize("password", ["p@ss:w/rd?#[]%41", "日本 é\\'\"", "%", "+ &=;$"])
def test_a_password_may_hold_any_character(password):
    """In a URL by hand it would have to be quoted."""
    values = {**DATABASE, "VAULT_SERVICE_MYSQL_PASSWORD": password}
    url = make_url(with_aliases(config(**values))["PENSTOCK_DATABASE_URL"])
    assert (password, "db.example.org") == (url.password, url.host)


@pytest.mark.parametrize("name", DATABASE)
def test_half_a_set_of_the_database_s_variables_is_told(name):
    """By what is missing; a gateway on another database than meant would start empty."""
    values = {one: value for one, value in DATABASE.items() if one != name}
    with pytest.raises(ConfigurationError, match=f"{name}.* is missing") as caught:
        GatewaySettings.from_config(config(**values))
    assert "hunter2" not in str(caught.value)


def test_half_a_set_does_not_matter_where_the_url_is_decided():
    """By its own setting, or by an option."""
    half = {"CONFIG_SERVICE_MYSQL_DATABASE": "gateway"}
    ours = GatewaySettings.from_config(config(**half, PENSTOCK_DATABASE_URL="sqlite:///a.db"))
    option = GatewaySettings.from_config(config(**half), database_url="sqlite:///b.db")
    assert ("sqlite:///a.db", "sqlite:///b.db") == (ours.database_url, option.database_url)


def test_a_port_of_mysql_alone_says_nothing():
    """Many machines have one, for programs of their own."""
    assert "" == GatewaySettings.from_config(config(MYSQL_PORT="3307")).database_url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MYSQL_PORT", "hunter2"),
        ("MYSQL_PORT", "0"),
        ("MYSQL_PORT", "65536"),
        ("CONFIG_SERVICE_MYSQL_MASTERHOST", "db:3307"),
        ("CONFIG_SERVICE_MYSQL_MASTERHOST", "mysql://db"),
        ("CONFIG_SERVICE_MYSQL_DATABASE", "gateway?ssl=no"),
    ],
)
def test_a_part_that_is_no_such_thing_is_told(name, value):
    """It could lead the gateway to another server than meant."""
    with pytest.raises(ConfigurationError, match=f"^{name} must be"):
        with_aliases(config(**{**DATABASE, name: value}))
