"""Registered models (prompts among them), their versions, aliases and stages."""

from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.rewrites.owner import owned
from penstock.gateway.proxy.route import Duties
from penstock.gateway.proxy.routes.twins import V2, twins
from penstock.gateway.proxy.searches import Search
from penstock.gateway.proxy.targets import changes
from penstock.gateway.proxy.targets.finder import EDIT, MANAGE, NOTHING, READ
from penstock.gateway.proxy.targets.registry import (
    model,
    model_creation,
    model_rename,
    model_tag,
    version_creation,
    version_tag,
)

CREATION = Duties(targets=model_creation, foresee=changes.model_creation, rewrite=owned)
RENAME = Duties(targets=model_rename, foresee=changes.model_renaming)
DELETION = Duties(targets=model(MANAGE), foresee=changes.model_deletion)
LATEST = Duties(targets=model(READ), action=Action.READ)
SEARCH_VERSIONS = Duties(targets=NOTHING, search=Search.MODEL_VERSIONS, action=Action.READ)
SEARCH = Duties(targets=NOTHING, search=Search.REGISTERED_MODELS, action=Action.READ)

ROUTES = (
    *twins(V2, "POST   /model-versions/create", version_creation),
    *twins(V2, "DELETE /model-versions/delete", model(MANAGE)),
    *twins(V2, "DELETE /model-versions/delete-tag", version_tag),
    *twins(V2, "GET    /model-versions/get", model(READ)),
    *twins(V2, "GET    /model-versions/get-download-uri", model(READ)),
    *twins(V2, "GET    /model-versions/search", SEARCH_VERSIONS),
    *twins(V2, "POST   /model-versions/set-tag", version_tag),
    *twins(V2, "POST   /model-versions/transition-stage", model(EDIT)),
    *twins(V2, "PATCH  /model-versions/update", model(EDIT)),
    *twins(V2, "DELETE /registered-models/alias", model(EDIT)),
    *twins(V2, "GET    /registered-models/alias", model(READ)),
    *twins(V2, "POST   /registered-models/alias", model(EDIT)),
    *twins(V2, "POST   /registered-models/create", CREATION),
    *twins(V2, "DELETE /registered-models/delete", DELETION),
    *twins(V2, "DELETE /registered-models/delete-tag", model_tag),
    *twins(V2, "GET    /registered-models/get", model(READ)),
    *twins(V2, "GET    /registered-models/get-latest-versions", LATEST),
    *twins(V2, "POST   /registered-models/get-latest-versions", LATEST),
    *twins(V2, "POST   /registered-models/rename", RENAME),
    *twins(V2, "GET    /registered-models/search", SEARCH),
    *twins(V2, "POST   /registered-models/set-tag", model_tag),
    *twins(V2, "PATCH  /registered-models/update", model(EDIT)),
)
