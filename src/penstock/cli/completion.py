"""What the shell offers for an argument, where that costs next to nothing."""


def complete_models(incomplete: str) -> list[str]:
    """Return the models in the cache that begin so; the server is not asked."""
    from penstock.errors import PenstockError  # noqa: PLC0415 - only when the shell asks
    from penstock.models.cache.cache import ModelCache  # noqa: PLC0415 - the same
    from penstock.models.places import resolve_places  # noqa: PLC0415 - the same

    try:
        kept = ModelCache(resolve_places().cache_dir).list_entries()
    except PenstockError:
        # A shell has no room for a message in the middle of a line.
        return []
    names = {one.resolution.name for one in kept if one.resolution.name}
    offered = names | {one.resolution.model_uri.removeprefix("models:/") for one in kept}
    return sorted(name for name in offered if name.startswith(incomplete))
