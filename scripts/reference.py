"""Write the tables of docs/reference that follow from tables in the code.

`python scripts/reference.py` writes them, `--check` fails when one is out of date.
"""

import argparse
import inspect
import sys
from collections.abc import Iterable
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from penstock import errors
from penstock.config import PREFIX
from penstock.gateway.aliases import (
    ALIASES,
    DATABASE,
    DATABASE_URL,
    HOSTS,
    PASSWORD,
    PORT,
    USERNAME,
    USUAL_PORT,
)
from penstock.gateway.api.app import assemble
from penstock.gateway.api.document import ABOUT, make_document
from penstock.gateway.api.document_view import Shown, view
from penstock.gateway.api.schema_words import Member
from penstock.gateway.permissions.access import Access
from penstock.gateway.provider_settings import KIND, ProviderSettings
from penstock.gateway.proxy.route import Route
from penstock.gateway.proxy.routes import MLFLOW_ROUTES, additions, own
from penstock.gateway.proxy.targets.finder import Finder
from penstock.gateway.settings import SIMPLE, GatewaySettings
from penstock.serving.settings import DESCRIPTIONS, SERVE, ServeSettings

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"


COMMAND_SETTINGS = (
    ("`PENSTOCK_MLFLOW_PORT`", "`8080`", "Port of the MLflow server that `penstock up` starts."),
    (
        "`PENSTOCK_ARTIFACT_STORE`",
        "a folder in the data folder",
        "Artifact store of that server, and what `storage init` sets up: `s3://bucket/prefix`.",
    ),
    ("`PENSTOCK_JOB_WORKERS`", "`false`", "Whether that MLflow server runs its background jobs."),
    (
        "`PENSTOCK_CACHE_DIR`",
        "`~/.cache/penstock/models`",
        "Folder of the cache of models, of the commands and of `ModelManager`.",
    ),
    ("`PENSTOCK_CACHE_BYTES`", "10 GiB", "How many bytes the cache of models may have."),
    (
        "`PENSTOCK_LOCAL_MODELS_DIR`",
        "`~/.local/share/penstock/models`",
        "Folder of the copies that `ModelManager` keeps of what it registers.",
    ),
    ("`PENSTOCK_URL`", "`MLFLOW_TRACKING_URI`", "Address that the commands speak to."),
)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def settings() -> str:
    """Return the page of settings."""
    rows = [
        (f"`{PREFIX}{name.upper()}`", _default(field), field.description or "")
        for name, field in GatewaySettings.model_fields.items()
        if name in SIMPLE
    ]
    providers = [
        (f"`{PREFIX}{KIND}<NAME>_{name.upper()}`", _default(field), field.description or "")
        for name, field in ProviderSettings.model_fields.items()
        if name != "name"
    ]
    return f"""# Settings of the gateway

Read from the environment, `.env` and `penstock.toml` in the working directory, in that order; the first that has a
setting counts, an empty value counts as not set. In `penstock.toml` the names are in lower case, without `{PREFIX}`.
Options of the commands win over all of them. A wrong setting stops the start with a message that names it.

{table(("setting", "default", "what it is"), rows)}

# Settings of a provider of logins

For each OpenID Connect provider, under a name of your choice: in the variables letters, digits and `_`; in `penstock.toml`
a table `[oidc.name]` with the names in lower case, such as `client_id`. [The guide](../guides/oidc.md) tells how they
play together. A mistyped name of a setting stops the start, in the environment too.

{table(("setting", "default", "what it is"), providers)}

# Other names of settings

Where a setting is not set, these variables stand for it; settings and options win over them. They are read from the
environment and `.env`.

{table(("variable", "stands for"), aliases())}

The database's variables count together: while one of them is missing, the gateway does not start. A password may hold any
character. `MYSQL_PORT` alone does nothing.

# Settings of the inference server

{table(("setting", "default", "what it is"), serving())}

# Settings of the commands

{table(("setting", "default", "what it is"), COMMAND_SETTINGS)}

The client's own settings are MLflow's variables; [its page](client.md) lists them.
"""


def aliases() -> list[tuple[str, str]]:
    """Return the rows of variables that stand for settings."""
    simple = [
        (f"`{alias}`", f"`{setting}`") for setting, names in ALIASES.items() for alias in names
    ]
    parts = {
        USERNAME: "the login",
        PASSWORD: "the password",
        DATABASE: "the database",
        "`, else `".join(HOSTS): "the host",
        PORT: f"the port, {USUAL_PORT} by default",
    }
    database = [
        (f"`{name}`", f"{part} in `{DATABASE_URL}`, on MySQL") for name, part in parts.items()
    ]
    return simple + database


def serving() -> Iterable[tuple[str, str, str]]:
    """Return the rows of the inference server's settings."""
    defaults = ServeSettings()
    for name, text in DESCRIPTIONS.items():
        default = getattr(defaults, name)
        yield f"`{SERVE}{name.upper()}`", f"`{default}`" if default else "not set", text


def routes() -> str:
    """Return the page of routes."""
    head = ("method", "path", "who may call it, and what it takes", "body", "limit")
    return f"""# Routes

What is not in these tables is answered with 404 (401 to who has not logged in). `{{name}}` stands for one segment of
the path, `{{name:path}}` for one or more. `HEAD` goes where `GET` does.

## Answered by the gateway

{table(head[:3], (_row(route)[:3] for route in own.ROUTES))}

`server-info` and `/health` stand in for MLflow's calls of these names, so that no anonymous request reaches MLflow.

## Answered with what MLflow has elsewhere

{table(head[:3], (_row(route)[:3] for route in additions.ROUTES))}

## Passed on to MLflow 3.17.2

Levels are those of grants: on an experiment, and all that is in it, or on a registered model. *The right to create* is
everybody's unless a setting forbids it. Administrators need none of it.

Bodies: *json* is read whole up to `PENSTOCK_MAX_BODY_BYTES`, parsed and written anew; *bounded* is read whole;
*stream* passes at any length. The limit is the setting that bounds the time until MLflow's answer begins.

{table(head, (_row(route) for route in MLFLOW_ROUTES))}
"""


def error_tree() -> str:
    """Return the page of errors."""
    classes = [
        cls
        for _, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, errors.PenstockError)
    ]
    classes.sort(key=lambda cls: inspect.getsourcelines(cls)[1])
    rows = [
        (f"`{cls.__name__}`", f"`{cls.__bases__[0].__name__}`", _summary(cls)) for cls in classes
    ]
    statuses = [(f"`{code}`", str(status)) for code, status in errors.HTTP_STATUS.items()]
    return f"""# Errors

All are in `penstock.errors`, and all are `PenstockError`s. `penstock.MlflowException` has MLflow's attributes:
`error_code`, `message`, `get_http_status_code()`.

{table(("class", "is a", "when"), rows)}

## Error codes and their HTTP status

{table(("error_code", "status"), statuses)}
"""


def api() -> str:
    """Return the page of the gateway's own calls."""
    groups = view(make_document(assemble().routes))
    sections = [
        "\n\n".join([f"## {group.name}", group.description, *map(_call, group.calls)])
        for group in groups
    ]
    body = "\n\n".join(sections)
    return f"""# The API of the gateway

{ABOUT}
A gateway shows the same at `/v1/docs`, and as an OpenAPI document at `/v1/openapi.json`, to who has logged in. The
examples read `PENSTOCK_URL`, the gateway's address, and `EMAIL`; `curl` asks for the password.

{body}
"""


PAGES = {"api.md": api, "settings.md": settings, "routes.md": routes, "errors.md": error_tree}


def _call(call: Shown) -> str:
    parts = [f"### `{call.method} {call.path}`", *call.paragraphs, f"For {call.who}."]
    parts += _members("argument", call.arguments) + _members("field of the body", call.body)
    parts += [f"```sh\n{call.curl}\n```"]
    parts += [f"Answers {call.success.status}:", f"```json\n{call.success.example}\n```"]
    if call.errors:
        parts.append(f"Errors: {', '.join(error.status for error in call.errors)}.")
    return "\n\n".join(parts)


def _members(title: str, members: Iterable[Member]) -> list[str]:
    rows = [
        (f"`{one.name}`", "yes" if one.is_required else "", one.kind, one.description)
        for one in members
    ]
    return [table((title, "required", "what it is", ""), rows)] if rows else []


def _default(field: FieldInfo) -> str:
    if field.default in (None, "", PydanticUndefined):
        return "not set"
    if isinstance(field.default, bool):
        return "`true`" if field.default else "`false`"
    return f"`{field.default}`"


def _row(route: Route) -> tuple[str, ...]:
    body = route.body.name.lower()
    return (
        route.method,
        f"`{route.path}`",
        _need(route),
        body,
        f"`{route.patience.value}`",
    )


def _need(route: Route) -> str:
    targets = route.duties.targets
    if route.access is Access.GRANTED and isinstance(targets, Finder):
        return targets.needs
    return f"{route.access.value}: {route.why}" if route.why else route.access.value


def _summary(cls: type) -> str:
    return (inspect.getdoc(cls) or "").split("\n\n")[0].replace("\n", " ")


def main() -> int:
    """Write or check the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a page is out of date")
    check = parser.parse_args().check
    stale = []
    for name, page in PAGES.items():
        path = FOLDER / name
        text = page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"out of date: {', '.join(stale)}; run `make reference`", file=sys.stderr)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
