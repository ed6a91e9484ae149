"""One object for all of it, and one that does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.agent.class_property import ClassProperty
from penstock.agent.client import MLFlowClientModelLoader
from penstock.agent.configuration import MLFlowConfiguration
from penstock.agent.registration import MLFlowModelRegistry
from penstock.agent.tracking import MLFlowTracking

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self


class MLFlowAgent(
    MLFlowTracking, MLFlowConfiguration, MLFlowModelRegistry, MLFlowClientModelLoader
):
    """Tracking, configuration, registry and loader in one singleton."""


class _Nothing:
    """What stands for a run where nothing is done: a block that does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Do nothing."""


class _NullMeta(type):
    def __getattr__(cls, name: str) -> Any:  # noqa: ANN401 - as of the agent
        return _do_nothing(name)


class NullMLFlowAgent(_Nothing, metaclass=_NullMeta):
    """Takes every call of an MLFlowAgent and does nothing: tracking switched off.

    Methods return None, `start_run` a block that does nothing. Names that an agent does not have
    are refused here too.
    """

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as of the agent
        return _do_nothing(name)


def _do_nothing(name: str) -> Any:  # noqa: ANN401 - as of the agent
    members = [vars(one)[name] for one in MLFlowAgent.__mro__ if name in vars(one)]
    if name.startswith("_") or not members:
        raise AttributeError(f"an agent has no '{name}'")
    if isinstance(members[0], ClassProperty):
        return None
    returned = _Nothing() if name == "start_run" else None
    return lambda *_, **__: returned
