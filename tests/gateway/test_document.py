"""The document of `/v1`, for programs and for people."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import jsonschema_rs
import pytest

from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.route import Home
from penstock.gateway.proxy.routes import own

PAGES = ("/v1/openapi.json", "/v1/docs")
ROWS = {
    (row.method, row.path): row
    for row in own.ROUTES
    if row.home is Home.GATEWAY and row.path not in PAGES and "server-info" not in row.path
}


@pytest.fixture(scope="module")
def document(gateway):
    """The document, as a user gets it."""
    answer = gateway.user.call("GET", "/v1/openapi.json")
    assert (200, "application/json") == (answer.status, answer.one("content-type"))
    return json.loads(answer.body)


@pytest.fixture(scope="module")
def operations(document):
    return {
        (method.upper(), path): operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }


@pytest.fixture(scope="module")
def page(gateway):
    return gateway.user.call("GET", "/v1/docs")


@pytest.mark.parametrize("path", PAGES)
def test_the_document_is_for_who_has_logged_in(gateway, path):
    """It would tell a stranger what there is."""
    assert 401 == gateway.anonymous.call("GET", path).status


def test_every_call_of_the_gateway_is_in_the_document(operations):
    """And nothing else."""
    assert set(ROWS) == set(operations)


def test_every_call_says_how_to_log_in(document, operations):
    """By password, token or session; what is for anybody, by neither."""
    assert {"basic", "bearer", "session"} == set(document["components"]["securitySchemes"])
    ways = [{"basic": []}, {"bearer": []}, {"session": []}]
    wrong = {
        call: operation["security"]
        for call, operation in operations.items()
        if ([] if ROWS[call].access is Access.ANYBODY else ways) != operation["security"]
    }
    assert {} == wrong


def test_every_call_tells_its_errors(operations):
    """What follows from who may call it and from its body; each in the one shape."""
    for call, operation in operations.items():
        answers, row = operation["responses"], ROWS[call]
        expected = set() if row.access is Access.ANYBODY else {"400", "401", "429", "503"}
        if row.access is Access.ADMINISTRATOR or row.method in {"POST", "PUT", "DELETE"}:
            expected.add("403")
        if "requestBody" in operation:
            expected |= {"413", "415", "422"}
        assert expected <= set(answers), call
        assert ("422" in answers) == ("requestBody" in operation), call
        for status, answer in answers.items():
            if (call, status) == (("GET", "/metrics"), "200"):
                assert ["text/plain"] == list(answer["content"])
                continue
            if status == "304":
                assert "content" not in answer
                continue
            schema = answer["content"]["application/json"]["schema"]
            if int(status) >= 400:
                assert {"$ref": "#/components/schemas/Refusal"} == schema, call


def test_every_call_has_a_name_a_summary_and_a_group(document, operations):
    """No two of the same name."""
    names = [operation["operationId"] for operation in operations.values()]
    assert len(names) == len(set(names))
    groups = {tag["name"] for tag in document["tags"]}
    assert groups == {group for one in operations.values() for group in one["tags"]}
    assert all(one["summary"] and one["description"] for one in operations.values())


def test_every_example_fits_its_schema(document, operations):
    """Bodies and answers, errors too."""
    for call, operation in operations.items():
        for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
            content = holder.get("content", {}).get("application/json")
            if content is not None:
                schema = {**content["schema"], "components": document["components"]}
                jsonschema_rs.validate(schema, content["example"]), call


class Tags(HTMLParser):
    """All elements of a page, and whether each that was begun is ended."""

    VOID = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag == self.open.pop()

    def handle_data(self, data):
        self.text += data


def test_the_page_tells_of_every_call(page):
    """With its address, and a place to link to that the list of calls leads to."""
    assert (200, "text/html; charset=utf-8") == (page.status, page.one("content-type"))
    tags = Tags()
    tags.feed(page.body.decode())
    assert [] == tags.open
    for method, path in ROWS:
        assert f"{method} {path}" in tags.text
    places = [attributes["id"] for _, attributes in tags.seen if "id" in attributes]
    links = {
        attributes["href"][1:]
        for tag, attributes in tags.seen
        if tag == "a" and attributes["href"].startswith("#")
    }
    assert len(places) == len(set(places))
    assert set() == links - set(places)
    assert len(ROWS) < len(links)


def test_the_page_shows_code_as_code(page):
    """Backticks are for the document; what they hold is escaped."""
    text = page.body.decode()
    assert "<code>&#34;status&#34;: &#34;SUCCESS&#34;</code>" in text
    assert ("`" in text, "&lt;code" in text) == (False, False)


def test_the_page_tells_of_a_body_that_may_be_left_out(page):
    """With its fields, like any other."""
    text = page.body.decode()
    shown = text[text.index('id="post-v1-experiment-experiment_id-run"') :]
    assert "<code>tags[].key</code>" in shown[: shown.index("</article>")]


def test_the_page_needs_nothing_from_elsewhere(page):
    """No script, no address of another server; its policy allows its own style alone."""
    text = page.body.decode()
    tags = Tags()
    tags.feed(text)
    assert set() == {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in tags.seen}
    assert not any(name.startswith("on") for _, attributes in tags.seen for name in attributes)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    assert "url(" not in style
    assert "@import" not in style
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = page.one("content-security-policy")
    assert f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'" == policy
    assert ["no-store"] == page.all("cache-control")


def test_the_command_lines_of_the_page_are_whole(page):
    """No parameter of a path is left open, and bodies are JSON."""
    tags = Tags()
    tags.feed(page.body.decode())
    lines = re.findall(r"^curl .*?\"\$PENSTOCK_URL\S*\"$", tags.text, re.MULTILINE | re.DOTALL)
    assert len(ROWS) == len(lines)
    assert [] == [line for line in lines if "{" in line.rpartition("\n")[2]]
    for body in re.findall(r"--data '(.*)' ", "".join(lines)):
        json.loads(body.replace("'\"'\"'", "'"))


def test_a_command_line_gives_all_that_its_call_must_have(page):
    """Arguments of the query, and the revision that a change follows."""
    tags = Tags()
    tags.feed(page.body.decode())
    assert '"$PENSTOCK_URL/v1/rollouts?experiment_id=12"' in tags.text
    changes = [text for text in tags.text.split("curl ") if "--header 'If-Match: \"4\"'" in text]
    assert ["PUT", "POST"] == [re.search(r"--request (\w+)", text)[1] for text in changes]
