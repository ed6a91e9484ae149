from penstock.gateway.api.model_pages import Found, Position
from penstock.gateway.api.model_versions import MOST_VERSIONS, Versions


def models(*names: str) -> list[Found]:
    latest = [{"version": "1"}]
    return [Found({"name": name, "latest_versions": latest}, Position()) for name in names]


def rows(name: str, count: int) -> list[dict[str, str]]:
    return [{"name": name, "version": str(number)} for number in range(count, 0, -1)]


def counts(versions: Versions, some: list[Found]) -> list[tuple[str, int]]:
    return [(one.name, len(found)) for one, found in versions.shown(some)]


def test_all_models_are_shown_with_their_versions():
    """A version of a model that only looks alike is nobody's."""
    some, versions = models("a", "b"), Versions()
    versions.add(some, [*rows("a", 2), *rows("x", 1), *rows("b", 1)], is_all=True)
    assert [("a", 2), ("b", 1)] == counts(versions, some)


def test_a_page_ends_before_a_model_that_was_not_read_to_its_end():
    """Nor is a model shown without its versions because the search had no room for them."""
    some, versions = models("a", "b", "c"), Versions()
    versions.add(some, [*rows("a", 3), *rows("b", 5)], is_all=False)
    assert [("a", 3)] == counts(versions, some)


def test_a_page_ends_where_the_versions_would_be_too_many():
    """Though each search was read to its end."""
    some, versions = models("a", "b"), Versions()
    versions.add(some[:1], rows("a", MOST_VERSIONS), is_all=True)
    versions.add(some[1:], rows("b", 1), is_all=True)
    assert [("a", MOST_VERSIONS)] == counts(versions, some)


def test_at_least_one_model_is_shown():
    """With its newest versions, however many it has."""
    some, versions = models("a", "b"), Versions()
    versions.add(some, rows("a", MOST_VERSIONS), is_all=False)
    ((model, shown),) = versions.shown(some)
    assert ("a", str(MOST_VERSIONS)) == (model.name, shown[0]["version"])
