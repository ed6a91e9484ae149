"""What a route asks of its caller."""

from enum import Enum


class Access(Enum):
    """The requirement of one route. There is no default: each route names one."""

    ANYBODY = "anybody"
    USER = "any user who has logged in"
    GRANTED = "users with a grant on what the call touches"
    ADMINISTRATOR = "administrators"
