"""The gateway's side of deployments: who may deploy what, their history, what runs."""
