"""The cache of models: one directory for each model whose files never change."""
