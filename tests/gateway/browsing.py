"""A browser as far as the gateway sees one: it keeps cookies and says where it comes from."""

import html
import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from gateway.threads import Address
from gateway.wire import Answer, Caller

NAVIGATES = {"accept": "text/html,application/xhtml+xml", "sec-fetch-mode": "navigate"}
HIDDEN = re.compile(r'name="csrf_token" value="([^"]*)"')


class Browser:
    """Goes to pages and sends forms; never follows a redirect by itself."""

    def __init__(self, address: Address) -> None:
        self._caller = Caller(address)
        self.origin = address.url
        self.cookies: dict[str, str] = {}

    def go(self, target: str) -> Answer:
        """Go to a page."""
        return self.send("GET", target, headers=NAVIGATES)

    def submit(self, target: str, **fields: str) -> Answer:
        """Send the form of a page of this site."""
        headers = {
            **NAVIGATES,
            "origin": self.origin,
            "content-type": "application/x-www-form-urlencoded",
        }
        return self.send("POST", target, urlencode(fields).encode(), headers=headers)

    def send(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        *,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send a request with the cookies, and keep those of the answer."""
        pairs = dict(headers or {})
        if self.cookies:
            pairs["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self._caller.call(method, target, body, headers=pairs)
        for name, morsel in received(answer).items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
        return answer

    def log_in(self, email: str, password: str, *, next_target: str = "/") -> Answer:
        """Log in at the page as a person would."""
        token = csrf(self.go("/login"))
        return self.submit(
            "/login", email=email, password=password, next=next_target, csrf_token=token
        )


def csrf(page: Answer) -> str:
    """Return the hidden token of a page's first form."""
    (token, *_) = HIDDEN.findall(page.body.decode())
    return html.unescape(token)


def received(answer: Answer) -> SimpleCookie:
    """Return the cookies that an answer sets."""
    cookies = SimpleCookie()
    for name, value in answer.headers:
        if name.lower() == "set-cookie":
            cookies.load(value)
    return cookies


def header(answer: Answer, name: str) -> str | None:
    """Return a header of an answer."""
    return next((value for key, value in answer.headers if key.lower() == name), None)
