"""Evaluation data sets."""

from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.rewrites.owner import owned_dataset
from penstock.gateway.proxy.route import Duties
from penstock.gateway.proxy.routes.twins import V3, twins
from penstock.gateway.proxy.searches import Search
from penstock.gateway.proxy.targets.datasets import dataset, dataset_creation, linked_dataset
from penstock.gateway.proxy.targets.finder import EDIT, MANAGE, NOTHING, READ

SEARCH = Duties(targets=NOTHING, search=Search.DATASETS, action=Action.READ)
CREATION = Duties(targets=dataset_creation, rewrite=owned_dataset)
DATASET = "/datasets/{dataset_id}"

ROUTES = (
    *twins(V3, "POST   /datasets/create", CREATION),
    *twins(V3, "GET    /datasets/search", SEARCH),
    *twins(V3, "POST   /datasets/search", SEARCH),
    *twins(V3, f"DELETE {DATASET}", dataset(MANAGE)),
    *twins(V3, f"GET    {DATASET}", dataset(READ)),
    *twins(V3, f"POST   {DATASET}/add-experiments", linked_dataset),
    *twins(V3, f"GET    {DATASET}/experiment-ids", dataset(READ)),
    *twins(V3, f"DELETE {DATASET}/records", dataset(EDIT)),
    *twins(V3, f"GET    {DATASET}/records", dataset(READ)),
    *twins(V3, f"POST   {DATASET}/records", dataset(EDIT)),
    *twins(V3, f"POST   {DATASET}/remove-experiments", linked_dataset),
    *twins(V3, f"PATCH  {DATASET}/tags", dataset(EDIT)),
    *twins(V3, f"DELETE {DATASET}/tags/{{key}}", dataset(EDIT)),
)
