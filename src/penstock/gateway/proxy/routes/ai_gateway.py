"""The AI gateway of MLflow: its endpoints, secrets and budgets, and calls to language models."""

from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.route import Body, Patience, Route
from penstock.gateway.proxy.routes.twins import V2, V3, ajax, twins

ROUTES = (
    *twins(
        V3,
        """
            POST   /gateway/budgets/create
            DELETE /gateway/budgets/delete
            GET    /gateway/budgets/get
            GET    /gateway/budgets/list
            POST   /gateway/budgets/update
            GET    /gateway/budgets/windows
            POST   /gateway/endpoints/bindings/create
            DELETE /gateway/endpoints/bindings/delete
            GET    /gateway/endpoints/bindings/list
            POST   /gateway/endpoints/create
            DELETE /gateway/endpoints/delete
            DELETE /gateway/endpoints/delete-tag
            GET    /gateway/endpoints/get
            GET    /gateway/endpoints/list
            POST   /gateway/endpoints/models/attach
            POST   /gateway/endpoints/models/detach
            POST   /gateway/endpoints/set-tag
            POST   /gateway/endpoints/update
            POST   /gateway/guardrails/add-to-endpoint
            POST   /gateway/guardrails/create
            DELETE /gateway/guardrails/delete
            GET    /gateway/guardrails/get
            GET    /gateway/guardrails/list
            GET    /gateway/guardrails/list-for-endpoint
            DELETE /gateway/guardrails/remove-from-endpoint
            PATCH  /gateway/guardrails/update-config
            POST   /gateway/model-definitions/create
            DELETE /gateway/model-definitions/delete
            GET    /gateway/model-definitions/get
            GET    /gateway/model-definitions/list
            POST   /gateway/model-definitions/update
            POST   /gateway/secrets/create
            DELETE /gateway/secrets/delete
            GET    /gateway/secrets/get
            GET    /gateway/secrets/list
            POST   /gateway/secrets/update
        """,
        access=Access.ADMINISTRATOR,
    ),
    *ajax(
        V3,
        """
            GET    /gateway/provider-config
            GET    /gateway/secrets/config
            GET    /gateway/supported-models
            GET    /gateway/supported-providers
        """,
        access=Access.ADMINISTRATOR,
    ),
    *ajax(
        V2,
        """
            GET    /gateway-proxy
            POST   /gateway-proxy
        """,
        access=Access.ADMINISTRATOR,
        patience=Patience.LONG,
    ),
    Route(
        "POST", "/gateway/anthropic/v1/messages", Access.ADMINISTRATOR, Body.BOUNDED, Patience.LONG
    ),
    Route(
        "POST",
        "/gateway/mlflow/v1/chat/completions",
        Access.ADMINISTRATOR,
        Body.BOUNDED,
        Patience.LONG,
    ),
    Route("GET", "/gateway/mlflow/v1/models", Access.ADMINISTRATOR, Body.BOUNDED, Patience.LONG),
    Route(
        "POST",
        "/gateway/openai/v1/chat/completions",
        Access.ADMINISTRATOR,
        Body.BOUNDED,
        Patience.LONG,
    ),
    Route(
        "POST", "/gateway/openai/v1/embeddings", Access.ADMINISTRATOR, Body.BOUNDED, Patience.LONG
    ),
    Route(
        "POST", "/gateway/openai/v1/responses", Access.ADMINISTRATOR, Body.BOUNDED, Patience.LONG
    ),
    Route(
        "POST",
        "/gateway/openai/v1/responses/compact",
        Access.ADMINISTRATOR,
        Body.BOUNDED,
        Patience.LONG,
    ),
    Route(
        "POST", "/gateway/typesafe/v1/systemone", Access.ADMINISTRATOR, Body.BOUNDED, Patience.LONG
    ),
    Route(
        "POST",
        "/gateway/gemini/v1beta/models/{endpoint_name}:generateContent",
        Access.ADMINISTRATOR,
        Body.BOUNDED,
        Patience.LONG,
    ),
    Route(
        "POST",
        "/gateway/gemini/v1beta/models/{endpoint_name}:streamGenerateContent",
        Access.ADMINISTRATOR,
        Body.BOUNDED,
        Patience.LONG,
    ),
    Route(
        "POST",
        "/gateway/proxy/{endpoint_name}/{path:path}",
        Access.ADMINISTRATOR,
        Body.BOUNDED,
        Patience.LONG,
    ),
    Route(
        "POST",
        "/gateway/{endpoint_name}/mlflow/invocations",
        Access.ADMINISTRATOR,
        Body.BOUNDED,
        Patience.LONG,
    ),
)
