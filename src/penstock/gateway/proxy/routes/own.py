"""Routes that the gateway answers itself; `/health` and `server-info` stand in for MLflow's."""

from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.action import Action
from penstock.gateway.proxy.route import Duties, Home, Route

LOGS = Duties(action=Action.LOG)
PLAN = "/v1/rollout/{experiment_id}/{submodel}/{version}"
SERVE = "/api/v1/serve"

ROUTES = (
    Route("GET", "/health", Access.ANYBODY, home=Home.GATEWAY),
    Route("GET", "/ready", Access.ANYBODY, home=Home.GATEWAY),
    # Open, or for who brings the token of the settings.
    Route("GET", "/metrics", Access.ANYBODY, home=Home.GATEWAY),
    Route("GET", "/api/3.0/mlflow/server-info", Access.ANYBODY, home=Home.GATEWAY),
    Route("GET", "/ajax-api/3.0/mlflow/server-info", Access.ANYBODY, home=Home.GATEWAY),
    # The pages of the gateway itself; invitations prove who calls by their secret.
    Route("GET", "/penstock.css", Access.ANYBODY, home=Home.PAGES),
    Route("GET", "/penstock.svg", Access.ANYBODY, home=Home.PAGES),
    Route("GET", "/login", Access.ANYBODY, home=Home.PAGES),
    Route("POST", "/login", Access.ANYBODY, home=Home.PAGES),
    Route("GET", "/login/oidc/{provider}", Access.ANYBODY, home=Home.PAGES),
    Route("GET", "/login/oidc/{provider}/callback", Access.ANYBODY, home=Home.PAGES),
    Route("POST", "/logout", Access.ANYBODY, home=Home.PAGES),
    Route("GET", "/account", Access.USER, home=Home.PAGES),
    Route("POST", "/account/password", Access.USER, home=Home.PAGES),
    Route("GET", "/invitation/{token}", Access.ANYBODY, home=Home.PAGES),
    Route("POST", "/invitation/{token}", Access.ANYBODY, home=Home.PAGES),
    Route("GET", "/v1/me", Access.USER, home=Home.GATEWAY),
    Route("POST", "/v1/user", Access.ADMINISTRATOR, home=Home.GATEWAY),
    Route("PUT", "/v1/user/{email}", Access.ADMINISTRATOR, home=Home.GATEWAY),
    Route("DELETE", "/v1/user/{email}", Access.ADMINISTRATOR, home=Home.GATEWAY),
    # Everybody's own password; those of others this keeps for administrators itself.
    Route("PUT", "/v1/user/{email}/password", Access.USER, home=Home.GATEWAY),
    Route("POST", "/v1/user/{email}/invitation", Access.ADMINISTRATOR, home=Home.GATEWAY),
    Route("GET", "/v1/users", Access.ADMINISTRATOR, home=Home.GATEWAY),
    # Everybody's own tokens; those of others these keep for administrators themselves.
    Route("POST", "/v1/token", Access.USER, home=Home.GATEWAY),
    Route("GET", "/v1/tokens", Access.USER, home=Home.GATEWAY),
    Route("DELETE", "/v1/token/{token_id}", Access.USER, home=Home.GATEWAY),
    Route("POST", "/v1/group", Access.ADMINISTRATOR, home=Home.GATEWAY),
    Route("GET", "/v1/groups", Access.ADMINISTRATOR, home=Home.GATEWAY),
    Route("DELETE", "/v1/group/{name}", Access.ADMINISTRATOR, home=Home.GATEWAY),
    Route("PUT", "/v1/group/{name}/member/{email}", Access.ADMINISTRATOR, home=Home.GATEWAY),
    Route("DELETE", "/v1/group/{name}/member/{email}", Access.ADMINISTRATOR, home=Home.GATEWAY),
    # Who manages a resource grants on it: these look at that themselves.
    Route("POST", "/v1/grant", Access.USER, home=Home.GATEWAY),
    Route("GET", "/v1/grants", Access.USER, home=Home.GATEWAY),
    Route("DELETE", "/v1/grant/{grant_id}", Access.USER, home=Home.GATEWAY),
    Route("GET", "/v1/grant/explain", Access.USER, home=Home.GATEWAY),
    Route("GET", "/v1/access", Access.USER, home=Home.GATEWAY),
    Route("GET", "/v1/audit", Access.ADMINISTRATOR, home=Home.GATEWAY),
    # What these do goes the way of MLflow's own calls, which grants decide about.
    Route("POST", "/v1/experiment", Access.USER, home=Home.GATEWAY),
    Route("GET", "/v1/experiment/{experiment_id}", Access.USER, home=Home.GATEWAY),
    Route("PUT", "/v1/experiment/{experiment_id}", Access.USER, home=Home.GATEWAY),
    Route("DELETE", "/v1/experiment/{experiment_id}", Access.USER, home=Home.GATEWAY),
    Route("POST", "/v1/experiment/{experiment_id}/run", Access.USER, home=Home.GATEWAY),
    Route("GET", "/v1/experiment/{experiment_id}/run/{run_id}", Access.USER, home=Home.GATEWAY),
    Route("DELETE", "/v1/experiment/{experiment_id}/run/{run_id}", Access.USER, home=Home.GATEWAY),
    Route("POST", "/v1/run/{run_id}/log-data", Access.USER, home=Home.GATEWAY, duties=LOGS),
    # Grants on the experiment decide: these look at that themselves.
    Route("GET", "/v1/rollouts", Access.USER, home=Home.GATEWAY),
    Route("GET", PLAN, Access.USER, home=Home.GATEWAY),
    Route("PUT", PLAN, Access.USER, home=Home.GATEWAY),
    Route("GET", f"{PLAN}/history", Access.USER, home=Home.GATEWAY),
    Route("POST", f"{PLAN}/rollback", Access.USER, home=Home.GATEWAY),
    Route("POST", f"{PLAN}/runs", Access.USER, home=Home.GATEWAY),
    # The creator of a deployment, and administrators; and who may read the model.
    Route("POST", f"{SERVE}/deploy-model", Access.USER, home=Home.GATEWAY),
    Route("POST", f"{SERVE}/undeploy-model", Access.USER, home=Home.GATEWAY),
    Route("GET", f"{SERVE}/{{serve_name}}/status/{{env}}", Access.USER, home=Home.GATEWAY),
    Route("GET", f"{SERVE}/{{serve_name}}/deployments", Access.USER, home=Home.GATEWAY),
    Route("POST", f"{SERVE}/{{serve_name}}/rollback", Access.USER, home=Home.GATEWAY),
    Route("GET", "/v1/models", Access.USER, home=Home.GATEWAY),
    Route("GET", "/v1/openapi.json", Access.USER, home=Home.GATEWAY),
    Route("GET", "/v1/docs", Access.USER, home=Home.GATEWAY),
)
