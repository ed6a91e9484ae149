"""The ways to the server that a test takes: both, unless it says otherwise."""

import pytest

SIDES = ("direct", "gateway")
"""To MLflow itself, and over the gateway."""

one_way = pytest.mark.parametrize("side", ["direct"])
"""For what is decided before a way is taken: a second one would take the same steps."""

stock_only = pytest.mark.parametrize("side", ["direct"])
"""For what the client does on a stock server, and a gateway, with tests of its own, by itself."""
