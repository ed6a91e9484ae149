"""One Chromium for all tests in a browser, and a user for each."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, StorageState

from browser.chromium import Person, running_chromium, sit_down
from browser.residents import Resident, make_resident
from servers import Up


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, ended with each file: Playwright keeps an event loop running meanwhile."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def resident(stack: Up) -> Resident:
    """A user with an experiment and a run of their own."""
    return make_resident(stack, f"{uuid.uuid4().hex[:8]}@example.org")


@pytest.fixture
def person(chromium: Browser, stack: Up) -> Iterator[Person]:
    """Somebody in front of a browser without a past."""
    somebody = sit_down(chromium, stack.gateway_url)
    yield somebody
    somebody.context.close()


@pytest.fixture
def seat(chromium: Browser) -> Iterator[Callable[..., Person]]:
    """Let people sit down at addresses of their choice; the browsers are closed at the end."""
    seated: list[Person] = []

    def sit(url: str, *, cookies: StorageState | None = None, **looks: object) -> Person:
        seated.append(sit_down(chromium, url, cookies=cookies, **looks))  # type: ignore[arg-type]
        return seated[-1]

    yield sit
    for somebody in seated:
        somebody.context.close()
