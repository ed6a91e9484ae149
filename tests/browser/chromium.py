"""Debian's Chromium without a window, and people in front of it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    StorageState,
    expect,
    sync_playwright,
)

PROGRAM = "/usr/bin/chromium"
OTHER_NAME = "mlflow.example.test"
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {OTHER_NAME} 127.0.0.1",
]
PATIENCE_MILLISECONDS = 20_000


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Run Chromium with a new folder for its user until the block ends; skip without it."""
    if shutil.which(PROGRAM) is None:
        assert not os.environ.get("CI"), "CI needs Chromium: bash scripts/chromium.sh, as root"
        pytest.skip("these tests need Chromium: bash scripts/chromium.sh, as root")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Person:
    """One who looks at the gateway's pages, with cookies of their own."""

    context: BrowserContext
    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Type an address of the gateway."""
        self.page.goto(self.url + path)

    def log_in(self, email: str, password: str) -> None:
        """Fill in the login that is shown, and send it."""
        self.page.get_by_label("Account").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in", exact=True).click()

    def log_out(self) -> None:
        """Log out at the page of the account, in a tab of its own."""
        tab = self.context.new_page()
        tab.goto(f"{self.url}/account")
        tab.get_by_role("button", name="Log out").click()
        tab.wait_for_url("**/login")
        tab.close()

    def fetch_status(self, path: str) -> int:
        """Return the status that a script of the shown page gets."""
        status = self.page.evaluate("path => fetch(path).then(answer => answer.status)", path)
        assert isinstance(status, int)
        return status

    def cookies(self) -> StorageState:
        """Return a copy of all cookies."""
        return self.context.storage_state()

    def shoot(self, file: Path) -> None:
        """Keep a picture of the shown page."""
        self.page.screenshot(path=file, full_page=True)


def sit_down(
    browser: Browser,
    url: str,
    *,
    cookies: StorageState | None = None,
    color_scheme: str = "light",
    width: int = 1280,
) -> Person:
    """Return somebody in front of a browser without a past, or with a copy of cookies."""
    context = browser.new_context(
        storage_state=cookies,
        color_scheme="dark" if color_scheme == "dark" else "light",
        viewport={"width": width, "height": 800},
    )
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    expect.set_options(timeout=PATIENCE_MILLISECONDS)  # it has a patience of its own
    person = Person(context, context.new_page(), url)
    person.page.on("console", lambda message: _note(person, message))
    person.page.on("pageerror", lambda error: person.complaints.append(str(error)))
    return person


def _note(person: Person, message: ConsoleMessage) -> None:
    if message.type in {"error", "warning"}:
        person.complaints.append(f"{message.text} ({message.location.get('url')})")
