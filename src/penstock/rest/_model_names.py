"""Judges names of registered models, their aliases and versions, as MLflow's client does. Pure."""

from __future__ import annotations

import posixpath
import re

from penstock.rest._arguments import as_identifier, as_text, invalid

ALIAS = re.compile(r"[\w-]+")
LONGEST_ALIAS = 255


def check_model_name(value: object, argument: str = "name") -> str:
    """Return the name of a registered model if it can be one."""
    name = as_text(value, argument)
    if not name.strip():
        raise invalid(f"{argument} must not be empty")
    if "/" in name or ":" in name:
        raise invalid(f"{argument} must not hold '/' or ':', as '{name}' does")
    if posixpath.normpath(name) != name or name == "." or name.startswith(".."):
        # MLflow keeps some models in folders of their names.
        raise invalid(f"{argument} must not mean another folder, as '{name}' does")
    return name


def check_alias(value: object) -> str:
    """Return an alias if it can be one."""
    alias = as_text(value, "alias")
    if not ALIAS.fullmatch(alias):
        raise invalid(f"alias must be made of letters, digits, '_' and '-', not be {alias!r}")
    if len(alias) > LONGEST_ALIAS:
        raise invalid(f"alias must have at most {LONGEST_ALIAS} characters, not {len(alias)}")
    return alias


def check_version(value: object) -> str:
    """Return a version's number as text."""
    version = as_identifier(value, "version")
    try:
        return str(int(version))
    except ValueError:
        raise invalid(f"version must be a whole number, not '{version}'") from None
