"""Find the row of the route table for a request. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from penstock.gateway.proxy.route import Route

_PARAMETER = re.compile(r"\{(\w+)(:path)?\}")


@dataclass(frozen=True, slots=True)
class Match:
    """A route and the values, percent-decoded, of its path's parameters."""

    route: Route
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Pattern:
    literal: str
    expression: re.Pattern[str]
    route: Route


class RouteTable:
    """All routes that the gateway knows. What no row names does not exist.

    Literals are compared with the path as it was sent: another spelling of a path, with upper
    case or percent-encoded letters, is another path. Rows with parameters are tried in order.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self._exact: dict[tuple[str, str], Match] = {}
        self._patterns: dict[str, list[_Pattern]] = defaultdict(list)
        for route in self.routes:
            self._add(route)

    def find(self, method: str, raw_path: str) -> Match | None:
        """Return the match for a method and a path as sent, or None. HEAD finds GET's row."""
        method = "GET" if method == "HEAD" else method
        exact = self._exact.get((method, raw_path))
        return exact if exact is not None else self._find_pattern(method, raw_path)

    def methods(self, raw_path: str) -> list[str]:
        """Return the methods that the path knows."""
        methods = {"HEAD"} | {route.method for route in self.routes}
        return sorted(method for method in methods if self.find(method, raw_path))

    def _add(self, route: Route) -> None:
        if "{" in route.path:
            self._patterns[route.method].append(_compile(route))
        elif (route.method, route.path) in self._exact:
            raise ValueError(f"two rows for {route.method} {route.path}")
        else:
            self._exact[route.method, route.path] = Match(route)

    def _find_pattern(self, method: str, raw_path: str) -> Match | None:
        for pattern in self._patterns.get(method, ()):
            if raw_path.startswith(pattern.literal) and (
                found := pattern.expression.fullmatch(raw_path)
            ):
                values = {name: unquote(value) for name, value in found.groupdict().items()}
                return Match(pattern.route, values)
        return None


def _compile(route: Route) -> _Pattern:
    literal = route.path.partition("{")[0]
    expression = ""
    end = 0
    for parameter in _PARAMETER.finditer(route.path):
        expression += re.escape(route.path[end : parameter.start()])
        expression += f"(?P<{parameter[1]}>{'.+' if parameter[2] else '[^/]+'})"
        end = parameter.end()
    return _Pattern(literal, re.compile(expression + re.escape(route.path[end:])), route)
