from enum import StrEnum

from penstock.errors import MlflowException
from penstock.rest.entities.view_type import ViewType


class LifecycleStage(StrEnum):
    """Whether an experiment or a run is there, or marked as deleted."""

    ACTIVE = "active"
    DELETED = "deleted"

    @classmethod
    def is_valid(cls, lifecycle_stage: str) -> bool:
        """Tell whether there is such a stage."""
        return lifecycle_stage in list(cls)

    @classmethod
    def view_type_to_stages(cls, view_type: int = ViewType.ALL) -> list["LifecycleStage"]:
        """Return the stages that a view shows."""
        shown = {
            ViewType.ACTIVE_ONLY: [cls.ACTIVE],
            ViewType.DELETED_ONLY: [cls.DELETED],
            ViewType.ALL: [cls.ACTIVE, cls.DELETED],
        }
        return shown[ViewType[ViewType.name_of(view_type)]]

    @classmethod
    def matches_view_type(cls, view_type: int, lifecycle_stage: str) -> bool:
        """Tell whether a view shows what is at this stage."""
        if not cls.is_valid(lifecycle_stage):
            raise MlflowException(
                f"'{lifecycle_stage}' is no stage; use {' or '.join(cls)}",
                "INVALID_PARAMETER_VALUE",
            )
        return lifecycle_stage in cls.view_type_to_stages(view_type)
