"""Experiments."""

from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.rewrites.owner import owned
from penstock.gateway.proxy.route import Duties
from penstock.gateway.proxy.routes.twins import V2, ajax, twins
from penstock.gateway.proxy.searches import Search
from penstock.gateway.proxy.targets import changes
from penstock.gateway.proxy.targets.experiments import (
    experiment,
    experiment_by_name,
    experiment_creation,
    experiment_rename,
    experiment_tag,
    experiments,
)
from penstock.gateway.proxy.targets.finder import MANAGE, NOTHING, READ

CREATION = Duties(targets=experiment_creation, foresee=changes.experiment_creation, rewrite=owned)
RENAME = Duties(targets=experiment_rename, foresee=changes.experiment_renaming)
SEARCH = Duties(targets=NOTHING, search=Search.EXPERIMENTS, action=Action.READ)
SEARCH_DATASETS = Duties(targets=experiments(READ), action=Action.READ)

ROUTES = (
    *twins(V2, "POST /experiments/create", CREATION),
    *twins(V2, "POST /experiments/delete", experiment(MANAGE)),
    *twins(V2, "POST /experiments/delete-experiment-tag", experiment_tag),
    *twins(V2, "GET  /experiments/get", experiment(READ)),
    *twins(V2, "GET  /experiments/get-by-name", experiment_by_name),
    *twins(V2, "POST /experiments/restore", experiment(MANAGE)),
    *twins(V2, "GET  /experiments/search", SEARCH),
    *twins(V2, "POST /experiments/search", SEARCH),
    *twins(V2, "POST /experiments/set-experiment-tag", experiment_tag),
    *twins(V2, "POST /experiments/update", RENAME),
    *ajax(V2, "POST /experiments/search-datasets", SEARCH_DATASETS),
    # MLflow 3.17.2 spells this one without the slash, and answers that it is not implemented.
    *twins("2.0mlflow", "POST /experiments/search-datasets", SEARCH_DATASETS),
)
