"""Who writes a plan."""

import getpass
import os

USER_SETTINGS = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_USERNAME")


def find_writer() -> str | None:
    """Return who writes, as far as that is known here: nobody proves it."""
    named = next((os.environ[name] for name in USER_SETTINGS if os.environ.get(name)), None)
    try:
        name = named or getpass.getuser()
    except (OSError, KeyError):  # no such user in this container
        return None
    return name.encode(errors="replace").decode()  # the environment may hold any bytes
