"""What a call by GraphQL touches."""

from collections.abc import Iterator

from penstock.gateway.permissions.reference import Reference
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.finder import Finder


def _find(call: Call) -> Iterator[Reference]:
    # The parser takes 17 MiB, which a gateway without browsers need not spend.
    from penstock.gateway.proxy.targets.graphql_document import (  # noqa: PLC0415
        find_references,
    )

    yield from find_references(call)


graphql = Finder("READ on what each known root field names; administrators for the rest", _find)
