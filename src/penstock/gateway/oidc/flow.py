"""A browser's login under way: what the gateway has to remember until the browser is back."""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

from penstock.gateway.oidc.code_flow import Secrets
from penstock.gateway.sealed_text import Derives, SealedText

SECONDS: Final = 600
"""How long a browser may stay at the provider."""

MAX_USED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Flow:
    """One login under way, with one provider, from one browser."""

    provider: str
    secret: Secrets
    redirect_uri: str
    return_to: str
    expires: float


class Flows:
    """Writes logins under way into the browser's own cookie, and takes each back once.

    The cookie is sealed; nobody else can make or read one. What has been taken back is remembered
    here; in other gateways on the same database the provider's code, good once, stands for it.
    """

    def __init__(self, secret_key: Derives, *, now: Callable[[], float] = time.time) -> None:
        self._sealed = SealedText(secret_key, "OpenID Connect logins")
        self._now = now
        self._used: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, provider: str, *, redirect_uri: str, return_to: str) -> Flow:
        """Return a new login under way."""
        expires = self._now() + SECONDS
        return Flow(provider, Secrets.make(), redirect_uri, return_to, expires)

    def write(self, flow: Flow) -> str:
        """Return the value of the cookie for a login under way."""
        return self._sealed.seal(asdict(flow), context=flow.provider)

    def take(self, cookie: str, *, provider: str, state: str) -> Flow | None:
        """Return the login that a browser comes back from, if this cookie is of that one."""
        try:
            value = self._sealed.open(cookie, context=provider)
        except ValueError:
            return None
        flow = Flow(**{**value, "secret": Secrets(**value["secret"])})
        own = secrets.compare_digest(flow.secret.state.encode(), state.encode())
        return flow if own and self._now() < flow.expires and self._is_first(flow) else None

    def _is_first(self, flow: Flow) -> bool:
        with self._lock:
            if flow.secret.state in self._used:
                return False
            self._used[flow.secret.state] = flow.expires
            while len(self._used) > MAX_USED or next(iter(self._used.values())) < self._now():
                self._used.popitem(last=False)
            return True
