"""A browser without eyes: it keeps cookies, and goes where it is sent when it is told to."""

import email.message
import urllib.request
from dataclasses import dataclass
from http.client import HTTPResponse
from http.cookiejar import Cookie, CookieJar
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

SECONDS = 20
MAX_STEPS = 20


@dataclass(frozen=True)
class Page:
    """What an address answered."""

    url: str
    status: int
    headers: email.message.Message
    text: str

    @property
    def location(self) -> str:
        """Where it sends the browser, in full."""
        return urljoin(self.url, self.headers["location"])

    @property
    def query(self) -> dict[str, str]:
        """What the place where it sends the browser is asked."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.location).query).items()}


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """Follows no redirect and takes no status for an error."""

    def http_response(self, _request: Any, response: HTTPResponse) -> HTTPResponse:
        return response


class Browser:
    """Goes one step at a time."""

    def __init__(self) -> None:
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(
            _AsItIs, urllib.request.HTTPCookieProcessor(self._jar)
        )

    def get(self, url: str, *, accept: str = "text/html") -> Page:
        return self._open(urllib.request.Request(url, headers={"Accept": accept}))

    def ask(self, url: str) -> Page:
        """Get what a page's script would ask for."""
        return self.get(url, accept="application/json")

    def post(self, url: str, **fields: str) -> Page:
        return self._open(urllib.request.Request(url, urlencode(fields).encode()))

    def follow(self, page: Page, *, until: str = "\n") -> Page:
        """Go where pages send it, up to a page that shows something, or sends it to `until`."""
        for _ in range(MAX_STEPS):
            if not 300 <= page.status < 400 or page.location.startswith(until):
                return page
            page = self.get(page.location)
        raise AssertionError(f"sent around in circles: {page.location}")

    def cookie(self, name: str) -> Cookie:
        """Return the cookie of a name, which must be there once."""
        (found,) = [cookie for cookie in self._jar if cookie.name == name]
        return found

    def has_cookie(self, name: str) -> bool:
        return any(cookie.name == name for cookie in self._jar)

    def take_cookie(self, name: str, other: "Browser") -> None:
        """Take a cookie of another browser, as if it had been stolen."""
        self._jar.set_cookie(other.cookie(name))

    def _open(self, request: urllib.request.Request) -> Page:
        with self._opener.open(request, timeout=SECONDS) as answer:
            text = answer.read().decode()
            return Page(request.full_url, answer.status, answer.headers, text)
