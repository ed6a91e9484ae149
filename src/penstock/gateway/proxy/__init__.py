"""The way of a request from its route to MLflow and back."""
