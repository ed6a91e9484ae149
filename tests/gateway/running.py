"""The real gateway, in a thread of this process."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from gateway.threads import Address, serving
from gateway.wire import Caller, basic
from penstock.deployments.commands import ServeCommand, serve_command
from penstock.gateway.app import GatewayApp
from penstock.gateway.auth.accounts import Accounts
from penstock.gateway.auth.passwords import Passwords
from penstock.gateway.auth.throttle import WINDOW_SECONDS, Throttle
from penstock.gateway.parts import make_parts
from penstock.gateway.server import server_config
from penstock.gateway.settings import GatewaySettings
from servers import wait_until

ADMIN = "admin@localhost"
ADMIN_PASSWORD = "the administrator's secret"
USER = "Ann@Example.org"
USER_PASSWORD = "ann's own long secret"


class CountingHasher(PasswordHasher):
    """Argon2id that costs little, and counts how often it really hashes to verify."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verifications = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 - its name
        self.verifications += 1
        return super().verify(hash, password)


class CheapPasswords(Passwords):
    """Passwords that cost little, and tell how often one was really verified."""

    def __init__(self) -> None:
        self._counting = CountingHasher()
        super().__init__(self._counting)

    @property
    def verifications(self) -> int:
        return self._counting.verifications

    def reset(self) -> None:
        """Count anew."""
        self._counting.verifications = 0


class Counted:
    """An application that tells how many requests it is working on."""

    def __init__(self, app: GatewayApp) -> None:
        self._app = app
        self.active = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.active += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self.active -= 1


class Gateway:
    """A running gateway, and callers of it."""

    def __init__(
        self, app: GatewayApp, counted: Counted, address: Address, passwords: CheapPasswords
    ) -> None:
        self.app = app
        self._counted = counted
        self.address = address
        self.passwords = passwords
        self.anonymous = Caller(address)
        self.user = Caller(address, authorization=basic(USER, USER_PASSWORD))
        self.admin = Caller(address, authorization=basic(ADMIN, ADMIN_PASSWORD))

    @property
    def accounts(self) -> Accounts:
        return self.app.parts.accounts

    def wait_for_a_look(self) -> None:
        """Wait until the watch has looked at the policy, and done all that follows from it."""
        watch = self.app.parts.watch
        asked = time.monotonic()
        begun = wait_until(lambda: watch._seen > asked and watch._seen, what="a look")
        wait_until(lambda: watch._seen > begun, what="the look after it")

    def wait_until_idle(self) -> None:
        """Wait until no request is worked on; the app's own life is one of them."""
        wait_until(lambda: self._counted.active == 1, what="the end of all requests")


def gateway_settings(folder: Path, upstream_url: str, **others: Any) -> GatewaySettings:
    """Return settings for a gateway with its database in a folder."""
    values = {
        "upstream_url": upstream_url,
        "data_dir": folder,
        "admin_username": ADMIN,
        "admin_password": ADMIN_PASSWORD,
        **others,
    }
    return GatewaySettings(**values)


@contextmanager
def running_gateway(
    folder: Path,
    upstream_url: str,
    *,
    passwords: CheapPasswords | None = None,
    throttle: Throttle | None = None,
    command: ServeCommand = serve_command,
    **others: Any,
) -> Iterator[Gateway]:
    """Run a gateway with one administrator and one user until the block ends.

    Without a throttle of its own it lets everybody guess: all callers have one address here.
    """
    settings = gateway_settings(folder, upstream_url, **others)
    passwords = passwords or CheapPasswords()
    throttle = throttle or Throttle(clock=itertools.count(0, 2 * WINDOW_SECONDS).__next__)
    parts = make_parts(settings, passwords=passwords, throttle=throttle, command=command)
    app = GatewayApp(parts)
    config = server_config(app, settings)
    counted = config.app = Counted(app)
    with serving(config) as address:
        gateway = Gateway(app, counted, address, passwords)
        if not any(user.email == USER for user in gateway.accounts.list_users()):
            gateway.accounts.add(USER, password=USER_PASSWORD)
        yield gateway
