"""Where a model may come from: memory, the registry, the cache on disk, a local copy."""
