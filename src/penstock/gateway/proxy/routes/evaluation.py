"""Scorers, issues, label schemas, review queues; what starts jobs is for administrators."""

from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.routes.twins import V3, ajax, twins

ROUTES = (
    *twins(
        V3,
        """
            POST   /issues
            POST   /issues/search
            GET    /issues/{issue_id}
            PATCH  /issues/{issue_id}
            POST   /label-schemas/create
            DELETE /label-schemas/delete
            GET    /label-schemas/get
            GET    /label-schemas/get-by-name
            GET    /label-schemas/list
            PATCH  /label-schemas/update
            POST   /review-queues/create
            POST   /review-queues/delete
            GET    /review-queues/get
            GET    /review-queues/get-by-name
            POST   /review-queues/get-or-create-user
            POST   /review-queues/items/add
            GET    /review-queues/items/list
            POST   /review-queues/items/remove
            POST   /review-queues/items/set-status
            GET    /review-queues/list
            POST   /review-queues/update
            DELETE /scorers/delete
            GET    /scorers/get
            GET    /scorers/list
            PUT    /scorers/online-config
            GET    /scorers/online-configs
            POST   /scorers/register
            GET    /scorers/versions
        """,
    ),
    *twins(
        V3,
        """
            POST   /prompt-optimization/jobs
            GET    /prompt-optimization/jobs/search
            POST   /prompt-optimization/jobs/search
            DELETE /prompt-optimization/jobs/{job_id}
            GET    /prompt-optimization/jobs/{job_id}
            POST   /prompt-optimization/jobs/{job_id}/cancel
        """,
        access=Access.ADMINISTRATOR,
    ),
    *ajax(
        V3,
        """
            POST   /genai/evaluate/invoke
            POST   /issues/invoke
            POST   /scorer/invoke
        """,
        access=Access.ADMINISTRATOR,
    ),
)
