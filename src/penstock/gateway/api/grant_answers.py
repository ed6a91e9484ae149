"""Grants as they are shown over `/v1`."""

from pydantic import BaseModel

from penstock.gateway.permissions.grant import Grant


class GrantId(BaseModel):
    """The id of a grant."""

    id: int


class ListedGrant(BaseModel):
    """One grant. `resource_id` is the experiment that an exact name is bound to."""

    id: int
    subject: str
    kind: str
    pattern: str
    level: str
    resource_id: str | None

    @classmethod
    def of(cls, grant: Grant) -> "ListedGrant":
        """Return a grant as it is listed."""
        return cls(
            id=grant.id,
            subject=grant.subject,
            kind=grant.pattern.kind.value,
            pattern=grant.pattern.text,
            level=grant.level.name,
            resource_id=grant.pattern.resource_id,
        )


class Access(BaseModel):
    """Who may do what on one resource, by which grants."""

    kind: str
    name: str
    default_level: str
    grants: list[ListedGrant]


class Explanation(BaseModel):
    """Whether a user may do something, and by which grants; by none: by the default level."""

    allowed: bool
    level: str
    grants: list[ListedGrant]
