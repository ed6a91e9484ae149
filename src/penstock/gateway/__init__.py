"""The gateway: decides who may do what, in front of an unmodified MLflow server."""
