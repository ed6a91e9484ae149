"""What a server is asked to serve, and how it is set."""

import pytest

from penstock.config import SETTINGS, Config
from penstock.errors import ConfigurationError
from penstock.serving.aim import Aim, parse_aim
from penstock.serving.settings import DESCRIPTIONS, ServeSettings, read_serve_settings


def config(**values: str) -> Config:
    return Config(values, dict.fromkeys(values, "environment"))


def test_a_model_or_a_rollout_is_served():
    """Each has a name that callers use, and a folder of its own."""
    assert "churn" == parse_aim("models:/churn@champion").name
    assert "churn" == parse_aim("models:/churn/3").name
    assert "m" == parse_aim("/srv/models/m/").name
    rollout = parse_aim(None, experiment="team/churn", version="1.4.*")
    assert "team/churn" == rollout.name
    keys = {rollout.key, parse_aim(None, experiment="team/churn").key, Aim("models:/churn/3").key}
    assert 3 == len(keys)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"experiment": "a", "model": "models:/a/1"},
        {"version": "1.0.0"},
        {"experiment": "a", "experiment_id": "1"},
        {"experiment": "a", "version": "one"},
    ],
)
def test_arguments_that_do_not_go_together_are_told(arguments):
    """With what to pass instead."""
    model = arguments.pop("model", None)
    with pytest.raises(ConfigurationError, match="--"):
        parse_aim(model, **arguments)


def test_settings_come_from_variables_and_options_win():
    """As text; what is wrong is named."""
    found = read_serve_settings(config(PENSTOCK_SERVE_PORT="9100", PENSTOCK_SERVE_SECONDS="1.5"))
    assert (9100, 1.5) == (found.port, found.seconds)
    assert 1 == read_serve_settings(config(PENSTOCK_SERVE_PORT="9100"), port=1).port
    for name, value in (("PORT", "x"), ("BATCHING", "maybe"), ("MIRROR_SHARE", "2")):
        with pytest.raises(ConfigurationError, match=f"PENSTOCK_SERVE_{name}"):
            read_serve_settings(config(**{f"PENSTOCK_SERVE_{name}": value}))


def test_every_setting_is_described_and_known():
    """A name that the settings file may not hold could not be set there."""
    assert set(DESCRIPTIONS) == set(ServeSettings.__struct_fields__)
    assert {f"SERVE_{name.upper()}" for name in DESCRIPTIONS} <= SETTINGS
