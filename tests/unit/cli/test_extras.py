"""A command that needs more than the client says which extra brings it."""

import pytest

from penstock.cli import extras
from penstock.cli.extras import require_ray
from penstock.errors import ConfigurationError


def test_without_ray_it_is_said_how_to_install_it(monkeypatch):
    """Nothing of Ray is imported to find that out."""
    monkeypatch.setattr(extras, "find_version", lambda _: None)
    with pytest.raises(ConfigurationError, match=r"pip install 'penstock\[ray\]'"):
        require_ray("serve --engine ray")
