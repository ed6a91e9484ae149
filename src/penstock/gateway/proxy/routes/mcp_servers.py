"""MCP servers. Names may hold `/`, so MLflow tries these in order, and so does the table."""

from penstock.gateway.proxy.routes.twins import V3, twins

ROUTES = (
    *twins(
        V3,
        """
            POST   /mcp-servers
            GET    /mcp-servers
            GET    /mcp-servers/endpoints
            POST   /mcp-servers/{name:path}/versions/{version:path}/tags
            DELETE /mcp-servers/{name:path}/versions/{version:path}/tags/{key:path}
            GET    /mcp-servers/{name:path}/versions/{version:path}
            PATCH  /mcp-servers/{name:path}/versions/{version:path}
            DELETE /mcp-servers/{name:path}/versions/{version:path}
            POST   /mcp-servers/{name:path}/versions
            GET    /mcp-servers/{name:path}/versions
            POST   /mcp-servers/{name:path}/endpoints
            GET    /mcp-servers/{name:path}/endpoints/{endpoint_id}
            PATCH  /mcp-servers/{name:path}/endpoints/{endpoint_id}
            DELETE /mcp-servers/{name:path}/endpoints/{endpoint_id}
            GET    /mcp-servers/{name:path}/endpoints
            POST   /mcp-servers/{name:path}/tags
            DELETE /mcp-servers/{name:path}/tags/{key:path}
            POST   /mcp-servers/{name:path}/aliases
            GET    /mcp-servers/{name:path}/aliases/{alias:path}
            DELETE /mcp-servers/{name:path}/aliases/{alias:path}
            GET    /mcp-servers/{name:path}
            PATCH  /mcp-servers/{name:path}
            DELETE /mcp-servers/{name:path}
        """,
    ),
)
