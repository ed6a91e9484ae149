"""MLflow's own pages, through the gateway."""

import base64
import re
import urllib.request
from urllib.error import HTTPError

import pytest

NAMED = re.compile(rb"""["'(=]\s*(\.?/?static-files/[^"')\s>]+)""")


def fetch(stack, path: str, *, login: bool = True) -> tuple[int, str, bytes]:
    request = urllib.request.Request(f"{stack.gateway_url}{path}")
    if login:
        proof = base64.b64encode(f"{stack.username}:{stack.password}".encode()).decode()
        request.add_header("Authorization", f"Basic {proof}")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers["Content-Type"], refusal.read()


def assets(stack) -> list[str]:
    """Every asset that the index page names, and every one that its style sheets name."""
    _, _, index = fetch(stack, "/")
    named = {match.decode().removeprefix(".").lstrip("/") for match in NAMED.findall(index)}
    for sheet in [name for name in named if name.endswith(".css")]:
        _, _, text = fetch(stack, f"/{sheet}")
        folder = sheet.rsplit("/", 1)[0]
        for link in re.findall(rb"url\(([^)]+)\)", text):
            target = link.decode().strip("'\"").partition("#")[0].partition("?")[0]
            if target and not target.startswith(("data:", "http")):
                named.add(_resolve(folder, target))
    return sorted(named)


def _resolve(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    parts = folder.split("/")
    for part in target.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def test_the_index_page_comes_through_with_a_login(stack):
    """MLflow's user interface is behind the same login as its API."""
    status, kind, page = fetch(stack, "/")
    assert (200, True) == (status, kind.startswith("text/html"))
    assert b"<title>MLflow</title>" in page


def test_every_asset_that_the_index_page_names_comes_through(stack):
    """A page without its scripts and styles is no user interface."""
    named = assets(stack)
    assert any(name.endswith(".js") for name in named)
    assert any(name.endswith(".css") for name in named)
    answers = {name: fetch(stack, f"/{name}") for name in named}
    assert {} == {name: answer[0] for name, answer in answers.items() if answer[0] != 200}
    assert [] == [name for name, (_, _, content) in answers.items() if not content]
    assert [] == [
        name
        for name, (_, kind, _) in answers.items()
        if name.endswith((".js", ".css")) and kind.startswith("text/html")
    ]


def test_an_asset_is_the_same_as_mlflow_serves_it(stack):
    """The gateway changes nothing on the way."""
    script = next(name for name in assets(stack) if name.endswith(".js"))
    with urllib.request.urlopen(f"{stack.mlflow_url}/{script}", timeout=60) as direct:
        assert direct.read() == fetch(stack, f"/{script}")[2]


@pytest.mark.parametrize("path", ["/", "/static-files/favicon.ico", "/static-files/index.html"])
def test_no_page_comes_without_a_login(stack, path):
    """Not even the empty shell of the pages is for strangers."""
    status, _, page = fetch(stack, path, login=False)
    assert 401 == status
    assert b"MLflow</title>" not in page
