"""Logged models (MLflow 3): models as artifacts of an experiment."""

from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.rewrites.owner import owned
from penstock.gateway.proxy.route import Duties
from penstock.gateway.proxy.routes.twins import TRANSFER, V2, ajax, twins
from penstock.gateway.proxy.searches import Search
from penstock.gateway.proxy.targets.finder import EDIT, MANAGE, NOTHING, READ
from penstock.gateway.proxy.targets.logged_models import (
    deleted_tag,
    logged_model,
    logged_model_creation,
    set_tags,
)

SEARCH = Duties(targets=NOTHING, search=Search.LOGGED_MODELS, action=Action.READ)
CREATION = Duties(targets=logged_model_creation, rewrite=owned)
MODEL = "/logged-models/{model_id}"

ROUTES = (
    *twins(V2, "POST   /logged-models", CREATION),
    *twins(V2, "POST   /logged-models/search", SEARCH),
    *twins(V2, f"DELETE {MODEL}", logged_model(MANAGE)),
    *twins(V2, f"GET    {MODEL}", logged_model(READ)),
    *twins(V2, f"PATCH  {MODEL}", logged_model(EDIT)),
    *twins(V2, f"GET    {MODEL}/artifacts/directories", logged_model(READ)),
    *twins(V2, f"POST   {MODEL}/params", logged_model(EDIT)),
    *twins(V2, f"PATCH  {MODEL}/tags", set_tags),
    *twins(V2, f"DELETE {MODEL}/tags/{{tag_key}}", deleted_tag),
    *ajax(V2, f"GET    {MODEL}/artifacts/files", logged_model(READ), TRANSFER),
)
