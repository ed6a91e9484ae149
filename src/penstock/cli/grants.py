"""What `penstock grant` and `penstock group` work on: a gateway over HTTP, or a database."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlencode

from penstock.cli.server import Server
from penstock.cli.workplace import open_workplace

if TYPE_CHECKING:
    from penstock.gateway.access.grants import Grants
    from penstock.gateway.access.groups import Groups
    from penstock.gateway.db.database import Database
    from penstock.gateway.permissions.grant import Grant

Document = dict[str, Any]


class Policy(Protocol):
    """Grants and groups, wherever they are kept, as the JSON objects of `/v1`.

    All raise PenstockError.
    """

    def put_grant(self, subject: str, kind: str, pattern: str, level: str) -> int:
        """Set a level and return the grant's id."""

    def list_grants(
        self, subject: str | None, kind: str | None, pattern: str | None
    ) -> list[Document]:
        """Return grants by id."""

    def delete_grant(self, grant_id: int) -> None:
        """Take a grant back."""

    def explain(self, email: str, level: str, kind: str, name: str) -> Document:
        """Return `allowed`, `level` and `grants`."""

    def add_group(self, name: str) -> None:
        """Make a group."""

    def delete_group(self, name: str) -> None:
        """Delete a group with its grants."""

    def list_groups(self) -> list[Document]:
        """Return groups by name with their members."""

    def set_member(self, group: str, email: str, *, is_member: bool) -> None:
        """Make a user a member, or end that."""


def open_policy(data: Path | None, uri: str | None) -> AbstractContextManager[Policy]:
    """Open the policy of a data folder, or of the gateway of `--uri` or the settings."""
    return open_workplace(data, uri, remote=_Remote, local=_local)


class _Remote:
    def __init__(self, server: Server) -> None:
        self._server = server

    def put_grant(self, subject: str, kind: str, pattern: str, level: str) -> int:
        body = {"subject": subject, "kind": kind, "pattern": pattern, "level": level}
        return int(self._server.call("POST", "/v1/grant", body)["data"]["id"])

    def list_grants(
        self, subject: str | None, kind: str | None, pattern: str | None
    ) -> list[Document]:
        found: list[Document] = self._get("/v1/grants", subject=subject, kind=kind, pattern=pattern)
        return found

    def delete_grant(self, grant_id: int) -> None:
        self._server.call("DELETE", f"/v1/grant/{grant_id}")

    def explain(self, email: str, level: str, kind: str, name: str) -> Document:
        found: Document = self._get(
            "/v1/grant/explain", email=email, level=level, kind=kind, name=name
        )
        return found

    def add_group(self, name: str) -> None:
        self._server.call("POST", "/v1/group", {"name": name})

    def delete_group(self, name: str) -> None:
        self._server.call("DELETE", f"/v1/group/{quote(name, safe='')}")

    def list_groups(self) -> list[Document]:
        found: list[Document] = self._get("/v1/groups")
        return found

    def set_member(self, group: str, email: str, *, is_member: bool) -> None:
        path = f"/v1/group/{quote(group, safe='')}/member/{quote(email, safe='')}"
        self._server.call("PUT" if is_member else "DELETE", path)

    def _get(self, path: str, **arguments: str | None) -> Any:  # noqa: ANN401 - JSON is any
        given = {name: value for name, value in arguments.items() if value is not None}
        query = f"?{urlencode(given, quote_via=quote)}" if given else ""
        return self._server.call("GET", f"{path}{query}")["data"]


class _Local:
    """Names of experiments are not looked up here: grants on them wait, and are bound later."""

    def __init__(self, grants: "Grants", groups: "Groups") -> None:
        self._grants = grants
        self._groups = groups

    def put_grant(self, subject: str, kind: str, pattern: str, level: str) -> int:
        from penstock.gateway.permissions.pattern import parse_pattern  # noqa: PLC0415 - extra

        return self._grants.put(subject, parse_pattern(_kind(kind), pattern), _level(level))

    def list_grants(
        self, subject: str | None, kind: str | None, pattern: str | None
    ) -> list[Document]:
        wanted = None if kind is None else _kind(kind)
        found = self._grants.list_grants(subject=subject, kind=wanted, pattern=pattern)
        return [_as_document(one) for one in found]

    def delete_grant(self, grant_id: int) -> None:
        self._grants.delete(grant_id)

    def explain(self, email: str, level: str, kind: str, name: str) -> Document:
        from penstock.gateway.permissions.resource import Resource  # noqa: PLC0415 - extra

        known_id = name.removeprefix("id:") if name.startswith("id:") else None
        finding = self._grants.explain(email, Resource(_kind(kind), name, known_id))
        return {
            "allowed": finding.level >= _level(level),
            "level": finding.level.name,
            "grants": [_as_document(one) for one in finding.grants],
        }

    def add_group(self, name: str) -> None:
        self._groups.add(name)

    def delete_group(self, name: str) -> None:
        self._groups.delete(name)

    def list_groups(self) -> list[Document]:
        found = self._groups.list_groups()
        return [{"name": one.name, "members": list(one.members)} for one in found]

    def set_member(self, group: str, email: str, *, is_member: bool) -> None:
        self._groups.set_member(group, email, is_member=is_member)


def _local(database: "Database") -> "_Local":
    from penstock.gateway.access.grants import Grants  # noqa: PLC0415 - needs the extra
    from penstock.gateway.access.groups import Groups  # noqa: PLC0415 - the same

    return _Local(Grants(database), Groups(database))


def _as_document(grant: "Grant") -> Document:
    return {
        "id": grant.id,
        "subject": grant.subject,
        "kind": grant.pattern.kind.value,
        "pattern": grant.pattern.text,
        "level": grant.level.name,
        "resource_id": grant.pattern.resource_id,
    }


def _kind(text: str) -> Any:  # noqa: ANN401 - a type of the extra
    from penstock.gateway.permissions.resource import Kind  # noqa: PLC0415 - needs the extra

    return Kind(text)


def _level(text: str) -> Any:  # noqa: ANN401 - a type of the extra
    from penstock.gateway.permissions.level import Level  # noqa: PLC0415 - needs the extra

    return Level[text]
