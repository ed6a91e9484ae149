"""The grants at work: read from the database, remembered, kept in step with MLflow."""
