"""Print the routes of the installed MLflow server as JSON: [[method, path template], …].

A program of its own: importing MLflow's server takes seconds and warns.
"""

import json
import re
import sys
from collections.abc import Iterator

from mlflow.server import app as flask_app
from mlflow.server.fastapi_app import app as fastapi_app


def routes() -> Iterator[tuple[str, str]]:
    for route in fastapi_app.routes:
        yield from _native(route)
    for rule in flask_app.url_map.iter_rules():
        template = re.sub(r"<(?:(path):)?(\w+)>", _placeholder, rule.rule)
        if "<" in template:
            raise SystemExit(f"a placeholder that is not understood: {rule.rule}")
        # Flask adds HEAD and OPTIONS to every rule by itself.
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield method, template


def _native(route: object) -> Iterator[tuple[str, str]]:
    if hasattr(route, "effective_candidates"):  # an included router of FastAPI
        for inner in route.effective_candidates():
            yield from _native(inner)
    elif getattr(route, "methods", None):
        for method in route.methods:
            yield method, route.path
    elif type(route).__name__ != "Mount":  # the one mount is the Flask application
        raise SystemExit(f"a route that is not understood: {route}")


def _placeholder(match: re.Match[str]) -> str:
    return f"{{{match[2]}:path}}" if match[1] else f"{{{match[2]}}}"


if __name__ == "__main__":
    json.dump(sorted(set(routes())), sys.stdout)
