"""What a call does, as the audit and the tokens' scopes see it."""

from enum import Enum


class Action(Enum):
    """READ needs no write scope and leaves no trace; LOG is a write that is counted, not listed."""

    READ = "read"
    WRITE = "write"
    LOG = "log"
