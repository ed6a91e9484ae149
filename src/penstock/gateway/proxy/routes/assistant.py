"""MLflow's assistant, which runs tools on the server's host: administrators alone."""

from penstock.gateway.permissions.access import Access
from penstock.gateway.proxy.route import Patience
from penstock.gateway.proxy.routes.twins import V3, ajax

ROUTES = (
    *ajax(
        V3,
        """
            GET    /assistant/sessions/{session_id}/stream
        """,
        access=Access.ADMINISTRATOR,
        patience=Patience.LONG,
    ),
    *ajax(
        V3,
        """
            GET    /assistant/config
            PUT    /assistant/config
            POST   /assistant/message
            GET    /assistant/providers
            GET    /assistant/providers/{provider}/health
            GET    /assistant/providers/{provider}/models
            PATCH  /assistant/sessions/{session_id}
            POST   /assistant/sessions/{session_id}/permission
            POST   /assistant/sessions/{session_id}/tool-result
            POST   /assistant/skills/install
        """,
        access=Access.ADMINISTRATOR,
    ),
)
