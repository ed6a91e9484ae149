"""Alembic's scripts; run at the gateway's start."""
