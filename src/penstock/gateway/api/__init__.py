"""The gateway's own API: `/v1`, `/health`, `/ready`."""
