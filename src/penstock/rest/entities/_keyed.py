"""Dictionaries that travel as JSON lists of pairs, and the hook that decodes them."""

from typing import Any

import msgspec

from penstock.rest.entities.metric import Metric


class Labels(dict[str, str]):
    """Tags or params by key."""


class LatestMetrics(dict[str, float]):
    """The latest value of each metric by key."""


class Aliases(dict[str, str]):
    """Versions by alias."""


class _Label(msgspec.Struct):
    key: str
    value: str = ""


class _Alias(msgspec.Struct):
    alias: str
    version: str


def decode_keyed(kind: type, items: object) -> Any:  # noqa: ANN401 - msgspec's hooks return any
    """Decode a list of pairs into one of the dictionaries above. A hook for msgspec."""
    if issubclass(kind, Labels):
        labels = msgspec.convert(items, list[_Label], strict=False)
        return Labels({label.key: label.value for label in labels})
    if issubclass(kind, LatestMetrics):
        metrics = msgspec.convert(items, list[Metric], strict=False)
        return LatestMetrics({metric.key: metric.value for metric in metrics})
    if issubclass(kind, Aliases):
        aliases = msgspec.convert(items, list[_Alias], strict=False)
        return Aliases({alias.alias: alias.version for alias in aliases})
    raise NotImplementedError(f"{kind} is no dictionary of an entity")
