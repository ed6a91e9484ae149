"""MLflow's pages, and what only they ask for."""

from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.route import Body, Duties
from penstock.gateway.proxy.routes.twins import V3, Travel, administrators, ajax, anyone_known, row
from penstock.gateway.proxy.targets.graphql import graphql
from penstock.gateway.proxy.targets.sieve import sift_graphql

PAGE = anyone_known("a file of MLflow's pages, the same for everybody")
TELEMETRY = anyone_known("settings and events of MLflow's pages, without anybody's resources")
VERSION = anyone_known("the version of MLflow")
EMPTY = administrators("MLflow reads GraphQL from the body, which a GET may not have here")
GRAPHQL = Duties(targets=graphql, sift=sift_graphql, action=Action.READ)
STREAM = Travel(Body.STREAM)

ROUTES = (
    *ajax(V3, "GET  /ui-telemetry", TELEMETRY),
    *ajax(V3, "POST /ui-telemetry", TELEMETRY),
    row("GET  /", PAGE, STREAM),
    row("GET  /static-files/{path:path}", PAGE, STREAM),
    row("GET  /build/{filename:path}", PAGE, STREAM),
    row("GET  /version", VERSION),
    row("GET  /graphql", EMPTY),
    row("POST /graphql", GRAPHQL),
)
