"""MCP servers. Names may hold `/`, so MLflow tries these in order, and so does the table."""

from penstock.gateway.proxy.routes.twins import V3, administrators, twins

REGISTRY = administrators("MCP servers belong to no experiment and no registered model")
SERVER = "/mcp-servers/{name:path}"
VERSION = SERVER + "/versions/{version:path}"

ROUTES = (
    *twins(V3, "POST   /mcp-servers", REGISTRY),
    *twins(V3, "GET    /mcp-servers", REGISTRY),
    *twins(V3, "GET    /mcp-servers/endpoints", REGISTRY),
    *twins(V3, f"POST   {VERSION}/tags", REGISTRY),
    *twins(V3, f"DELETE {VERSION}/tags/{{key:path}}", REGISTRY),
    *twins(V3, f"GET    {VERSION}", REGISTRY),
    *twins(V3, f"PATCH  {VERSION}", REGISTRY),
    *twins(V3, f"DELETE {VERSION}", REGISTRY),
    *twins(V3, f"POST   {SERVER}/versions", REGISTRY),
    *twins(V3, f"GET    {SERVER}/versions", REGISTRY),
    *twins(V3, f"POST   {SERVER}/endpoints", REGISTRY),
    *twins(V3, f"GET    {SERVER}/endpoints/{{endpoint_id}}", REGISTRY),
    *twins(V3, f"PATCH  {SERVER}/endpoints/{{endpoint_id}}", REGISTRY),
    *twins(V3, f"DELETE {SERVER}/endpoints/{{endpoint_id}}", REGISTRY),
    *twins(V3, f"GET    {SERVER}/endpoints", REGISTRY),
    *twins(V3, f"POST   {SERVER}/tags", REGISTRY),
    *twins(V3, f"DELETE {SERVER}/tags/{{key:path}}", REGISTRY),
    *twins(V3, f"POST   {SERVER}/aliases", REGISTRY),
    *twins(V3, f"GET    {SERVER}/aliases/{{alias:path}}", REGISTRY),
    *twins(V3, f"DELETE {SERVER}/aliases/{{alias:path}}", REGISTRY),
    *twins(V3, f"GET    {SERVER}", REGISTRY),
    *twins(V3, f"PATCH  {SERVER}", REGISTRY),
    *twins(V3, f"DELETE {SERVER}", REGISTRY),
)
