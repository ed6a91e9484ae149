"""MLflow's assistant, which runs tools on the server's host: administrators alone."""

from penstock.gateway.proxy.route import Patience
from penstock.gateway.proxy.routes.twins import V3, Travel, administrators, ajax

TOOLS = administrators("it runs tools on MLflow's host")
LONG = Travel(patience=Patience.LONG)

ROUTES = (
    *ajax(V3, "GET    /assistant/sessions/{session_id}/stream", TOOLS, LONG),
    *ajax(V3, "GET    /assistant/config", TOOLS),
    *ajax(V3, "PUT    /assistant/config", TOOLS),
    *ajax(V3, "POST   /assistant/message", TOOLS),
    *ajax(V3, "GET    /assistant/providers", TOOLS),
    *ajax(V3, "GET    /assistant/providers/{provider}/health", TOOLS),
    *ajax(V3, "GET    /assistant/providers/{provider}/models", TOOLS),
    *ajax(V3, "PATCH  /assistant/sessions/{session_id}", TOOLS),
    *ajax(V3, "POST   /assistant/sessions/{session_id}/permission", TOOLS),
    *ajax(V3, "POST   /assistant/sessions/{session_id}/tool-result", TOOLS),
    *ajax(V3, "POST   /assistant/skills/install", TOOLS),
)
