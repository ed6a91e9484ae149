"""The client: a typed MLflow client that never imports MLflow."""
