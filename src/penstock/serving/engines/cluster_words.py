"""Words of a cluster: names that it takes, and what it says. Pure."""

import re


def slug(text: str) -> str:
    """Return a text of letters, digits, dashes and underscores."""
    return re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")


def reason_of(message: str) -> str:
    """Return what a cluster's message is about: our own error in it, or its last line."""
    ours = re.findall(r"penstock\.errors\.\w+: (.+)", message)
    lines = ours or [line for line in message.splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""
