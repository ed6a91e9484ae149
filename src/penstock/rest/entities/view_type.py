from enum import IntEnum

from penstock.errors import MlflowException


class ViewType(IntEnum):
    """Which experiments or runs a search looks at; the numbers are MLflow's."""

    ACTIVE_ONLY = 1
    DELETED_ONLY = 2
    ALL = 3

    @classmethod
    def from_string(cls, view_str: str) -> "ViewType":
        """Return the view that MLflow calls `active_only`, `deleted_only` or `all`."""
        for view in cls:
            if view.name.lower() == view_str:
                return view
        raise MlflowException(
            f"there is no view '{view_str}'; use one of {', '.join(map(cls.to_string, cls))}",
            "INVALID_PARAMETER_VALUE",
        )

    @classmethod
    def to_string(cls, view_type: int) -> str:
        """Return the name that MLflow's `to_string` has for a view, in small letters."""
        return cls.name_of(view_type).lower()

    @classmethod
    def name_of(cls, number: int) -> str:
        """Return the name by which MLflow's API knows a view."""
        try:
            return cls(number).name
        except ValueError:
            raise MlflowException(
                f"there is no view {number!r}; use one of ViewType", "INVALID_PARAMETER_VALUE"
            ) from None
