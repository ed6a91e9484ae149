"""Scorers, issues, label schemas, review queues; what starts jobs is for administrators."""

from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.route import Duties
from penstock.gateway.proxy.routes.twins import V3, administrators, ajax, twins
from penstock.gateway.proxy.targets.evaluation import (
    added_items,
    issue,
    issue_creation,
    issue_search,
    label_schema,
    review_queue,
    review_queue_creation,
    review_queue_list,
    review_queue_update,
    scorer_configs,
    scorer_list,
    scorer_registration,
)
from penstock.gateway.proxy.targets.experiments import experiment
from penstock.gateway.proxy.targets.finder import EDIT, MANAGE, READ

ISSUES = Duties(targets=issue_search, action=Action.READ)
JOB = administrators("it starts jobs on MLflow's host, and shows those of everybody")
OPTIMIZATION = "/prompt-optimization/jobs"

ROUTES = (
    *twins(V3, "POST   /issues", issue_creation),
    *twins(V3, "POST   /issues/search", ISSUES),
    *twins(V3, "GET    /issues/{issue_id}", issue(READ)),
    *twins(V3, "PATCH  /issues/{issue_id}", issue(EDIT)),
    *twins(V3, "POST   /label-schemas/create", experiment(EDIT)),
    *twins(V3, "DELETE /label-schemas/delete", label_schema(MANAGE)),
    *twins(V3, "GET    /label-schemas/get", label_schema(READ)),
    *twins(V3, "GET    /label-schemas/get-by-name", experiment(READ)),
    *twins(V3, "GET    /label-schemas/list", experiment(READ)),
    *twins(V3, "PATCH  /label-schemas/update", label_schema(EDIT)),
    *twins(V3, "POST   /review-queues/create", review_queue_creation),
    *twins(V3, "POST   /review-queues/delete", review_queue(MANAGE)),
    *twins(V3, "GET    /review-queues/get", review_queue(READ)),
    *twins(V3, "GET    /review-queues/get-by-name", experiment(READ)),
    *twins(V3, "POST   /review-queues/get-or-create-user", experiment(EDIT)),
    *twins(V3, "POST   /review-queues/items/add", added_items),
    *twins(V3, "GET    /review-queues/items/list", review_queue(READ)),
    *twins(V3, "POST   /review-queues/items/remove", review_queue(EDIT)),
    *twins(V3, "POST   /review-queues/items/set-status", review_queue(EDIT)),
    *twins(V3, "GET    /review-queues/list", review_queue_list),
    *twins(V3, "POST   /review-queues/update", review_queue_update),
    *twins(V3, "DELETE /scorers/delete", experiment(MANAGE)),
    *twins(V3, "GET    /scorers/get", experiment(READ)),
    *twins(V3, "GET    /scorers/list", scorer_list),
    *twins(V3, "PUT    /scorers/online-config", experiment(EDIT)),
    *twins(V3, "GET    /scorers/online-configs", scorer_configs),
    *twins(V3, "POST   /scorers/register", scorer_registration),
    *twins(V3, "GET    /scorers/versions", experiment(READ)),
    *twins(V3, f"POST   {OPTIMIZATION}", JOB),
    *twins(V3, f"GET    {OPTIMIZATION}/search", JOB),
    *twins(V3, f"POST   {OPTIMIZATION}/search", JOB),
    *twins(V3, f"DELETE {OPTIMIZATION}/{{job_id}}", JOB),
    *twins(V3, f"GET    {OPTIMIZATION}/{{job_id}}", JOB),
    *twins(V3, f"POST   {OPTIMIZATION}/{{job_id}}/cancel", JOB),
    *ajax(V3, "POST   /genai/evaluate/invoke", JOB),
    *ajax(V3, "POST   /issues/invoke", JOB),
    *ajax(V3, "POST   /scorer/invoke", JOB),
)
