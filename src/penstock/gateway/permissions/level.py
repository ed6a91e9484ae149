"""What a subject may do with a resource."""

from enum import IntEnum


class Level(IntEnum):
    """How much; each level includes those below it.

    READ: look, download, search. EDIT: create and change inside. MANAGE: delete, restore,
    rename, grant, change a rollout.
    """

    NONE = 0
    READ = 1
    EDIT = 2
    MANAGE = 3
