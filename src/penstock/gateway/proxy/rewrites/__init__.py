"""The bodies that go on to MLflow where they are not the caller's own."""
