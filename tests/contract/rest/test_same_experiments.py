"""Experiments: MLflow's client and ours give the same, step by step."""

from contract.rest.side_by_side import (
    REFUSED,
    Differing,
    Scenario,
    Side,
    all_sides,
    compare,
    compare_differing,
    compare_exactly,
    raised,
    refused,
)

NASTY = "é/%'\" 日本 a&b=c?d#e+f 100%25 \\ "
NOWHERE = "987654321"


def search(my: Side, condition: str = "", **arguments: object):
    """Search in this corner alone."""
    own = f"name LIKE '{my.corner}%'"
    condition = f"{own} AND {condition}" if condition else own
    return my.client.search_experiments(filter_string=condition, **arguments)


def second_page(my: Side):
    order = {"order_by": ["name DESC"], "max_results": 2}
    return search(my, page_token=search(my, **order).token, **order)


MAKE: Scenario = (
    ("make one", lambda my: my.keep("one", my.client.create_experiment(my.name("one")))),
    (
        "with all there is",
        lambda my: my.keep(
            "full",
            my.client.create_experiment(
                my.name(NASTY),
                f"mlflow-artifacts:/{my.corner}",
                {"täg/x y": "välue", "empty": "", "long": "x" * 5000, "lines": "a\nb"},
            ),
        ),
    ),
    (
        "without tags",
        lambda my: my.keep("bare", my.client.create_experiment(my.name("b"), tags={})),
    ),
    ("twice", lambda my: my.client.create_experiment(my.name("one"))),
    ("without a name", lambda my: my.client.create_experiment("")),
    ("no name at all", lambda my: my.client.create_experiment(None)),
    ("a long name", lambda my: my.keep("long", my.client.create_experiment(my.name("x" * 500)))),
    ("below a run", lambda my: my.client.create_experiment(my.name("r"), "runs:/abc/model")),
    (
        "with a key of odd letters",
        lambda my: my.keep("odd", my.client.create_experiment(my.name("o"), tags={"%": "v"})),
    ),
    (
        "with a long key",
        lambda my: my.keep("key", my.client.create_experiment(my.name("k"), tags={"k" * 251: "v"})),
    ),
    (
        "a long value",
        lambda my: my.keep(
            "value", my.client.create_experiment(my.name("v"), tags={"k": "v" * 20001})
        ),
    ),
    (
        "with an empty key",
        lambda my: my.keep("empty", my.client.create_experiment(my.name("e"), tags={"": "v"})),
    ),
)

READ: Scenario = (
    ("by id", lambda my: my.client.get_experiment(my["full"])),
    ("by number", lambda my: my.client.get_experiment(int(my["full"]))),
    ("by name", lambda my: my.client.get_experiment_by_name(my.name(NASTY))),
    ("by a name in other letters", lambda my: my.client.get_experiment_by_name(my.name("ONE"))),
    ("by no name", lambda my: my.client.get_experiment_by_name("")),
    ("one that is not there", lambda my: my.client.get_experiment(NOWHERE)),
    ("a negative id", lambda my: my.client.get_experiment("-1")),
    ("an id that is no number", lambda my: my.client.get_experiment("abc")),
    ("an id with blanks", lambda my: my.client.get_experiment("a b")),
    ("an empty id", lambda my: my.client.get_experiment("")),
)

CHANGE: Scenario = (
    ("set a tag", lambda my: my.client.set_experiment_tag(my["one"], "täg/x y", "välue")),
    ("set it anew", lambda my: my.client.set_experiment_tag(my["one"], "täg/x y", 17)),
    ("set None", lambda my: my.client.set_experiment_tag(my["one"], "none", None)),
    ("set nothing", lambda my: my.client.set_experiment_tag(my["one"], "empty", "")),
    ("a long value", lambda my: my.client.set_experiment_tag(my["one"], "long", "x" * 20000)),
    ("too long a value", lambda my: my.client.set_experiment_tag(my["one"], "l", "x" * 20001)),
    ("too long a key", lambda my: my.client.set_experiment_tag(my["one"], "k" * 251, "v")),
    ("without a key", lambda my: my.client.set_experiment_tag(my["one"], "", "v")),
    ("of none", lambda my: my.client.set_experiment_tag(NOWHERE, "k", "v")),
    ("all of it", lambda my: my.client.get_experiment(my["one"])),
    ("remove a tag", lambda my: my.client.delete_experiment_tag(my["one"], "täg/x y")),
    ("remove it again", lambda my: my.client.delete_experiment_tag(my["one"], "täg/x y")),
    ("remove nothing", lambda my: my.client.delete_experiment_tag(my["one"], "")),
    ("remove of none", lambda my: my.client.delete_experiment_tag(NOWHERE, "k")),
    ("rename", lambda my: my.client.rename_experiment(my["one"], my.name("öther"))),
    ("rename to the same", lambda my: my.client.rename_experiment(my["one"], my.name("öther"))),
    ("rename to another's", lambda my: my.client.rename_experiment(my["one"], my.name("b"))),
    ("rename to nothing", lambda my: my.client.rename_experiment(my["one"], "")),
    ("rename too long", lambda my: my.client.rename_experiment(my["one"], my.name("x" * 501))),
    ("rename none", lambda my: my.client.rename_experiment(NOWHERE, my.name("n"))),
    ("after all that", lambda my: my.client.get_experiment(my["one"])),
)

SEARCH: Scenario = (
    ("all", search),
    ("by tag", lambda my: search(my, "tags.`täg/x y` = 'välue'")),
    ("by a tag that is not so", lambda my: search(my, "tags.none != 'None'")),
    ("by a part of a tag", lambda my: search(my, "tags.long ILIKE '%XX%'")),
    ("by time", lambda my: search(my, "creation_time > 0 AND last_update_time < 1")),
    ("ordered", lambda my: search(my, order_by=["creation_time DESC", "name"])),
    ("by id", lambda my: search(my, order_by=["experiment_id ASC"])),
    ("a page", lambda my: search(my, order_by=["name"], max_results=2)),
    ("the next page", second_page),
    ("a page as long as all", lambda my: search(my, max_results=50_000)),
    ("without a limit", lambda my: search(my, max_results=None)),
    ("none", lambda my: search(my, max_results=0)),
    ("less than none", lambda my: search(my, max_results=-1)),
    ("too many", lambda my: search(my, max_results=50_001)),
    ("more than a number holds", lambda my: search(my, max_results=2**31)),
    ("a filter of nonsense", lambda my: my.client.search_experiments(filter_string="what ==")),
    ("a filter of nothing", lambda my: search(my, "nothing = 'x'")),
    ("an order of nonsense", lambda my: search(my, order_by=["nonsense DESC"])),
    ("a token of nonsense", lambda my: search(my, page_token="nonsense")),
    ("views", lambda my: [list(search(my, view_type=view)) for view in (1, 2, 3)]),
)

DELETE: Scenario = (
    ("delete", lambda my: my.client.delete_experiment(my["bare"])),
    ("delete again", lambda my: my.client.delete_experiment(my["bare"])),
    ("delete none", lambda my: my.client.delete_experiment(NOWHERE)),
    ("delete nothing", lambda my: my.client.delete_experiment("")),
    ("it is still there", lambda my: my.client.get_experiment(my["bare"])),
    ("by name as well", lambda my: my.client.get_experiment_by_name(my.name("b"))),
    ("its name is taken", lambda my: my.client.create_experiment(my.name("b"))),
    ("it takes no tag", lambda my: my.client.set_experiment_tag(my["bare"], "k", "v")),
    ("nor loses one", lambda my: my.client.delete_experiment_tag(my["bare"], "k")),
    ("nor a run", lambda my: my.client.create_run(my["bare"])),
    ("views", lambda my: [list(search(my, view_type=view)) for view in (1, 2, 3)]),
    ("restore", lambda my: my.client.restore_experiment(my["bare"])),
    ("restore again", lambda my: my.client.restore_experiment(my["bare"])),
    ("restore none", lambda my: my.client.restore_experiment(NOWHERE)),
    ("it is back", lambda my: my.client.get_experiment(my["bare"])),
)

DIFFERENT: Differing = (
    # MLflow's client asks a server that answers 500 seven times more, and forgets what it said.
    (
        "rename a deleted one",
        refused("INTERNAL_ERROR", 500),
        refused("INVALID_STATE", 500),
        lambda my: (
            my.client.delete_experiment(my["bare"]),
            my.client.rename_experiment(my["bare"], my.name("new")),
        ),
    ),
    # Values become text, as they do in `set_experiment_tag`.
    (
        "a tag that is a number",
        raised(TypeError),
        "<tagged>",
        lambda my: my.keep("tagged", my.client.create_experiment(my.name("n"), tags={"n": 1})),
    ),
    (
        "a name that is a number",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.create_experiment(1),
    ),
    (
        "a place that is none",
        raised(AttributeError),
        REFUSED,
        lambda my: my.client.create_experiment(my.name("x"), 1),
    ),
    (
        "tags that are a list",
        raised(AttributeError),
        REFUSED,
        lambda my: my.client.create_experiment(my.name("x"), tags=["k"]),
    ),
    (
        "a key that is a number",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.create_experiment(my.name("x"), tags={1: "v"}),
    ),
    ("the id None", REFUSED, REFUSED, lambda my: my.client.get_experiment(None)),
    ("the name None", REFUSED, REFUSED, lambda my: my.client.get_experiment_by_name(None)),
    ("a list of ids", REFUSED, REFUSED, lambda my: my.client.get_experiment([1])),
    (
        "a new name that is none",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.rename_experiment(my["one"], 1),
    ),
    ("another view", raised(ValueError), REFUSED, lambda my: my.client.search_experiments(4)),
    (
        "half of a page",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.search_experiments(max_results=1.5),
    ),
    (
        "an order that is no list",
        REFUSED,
        REFUSED,
        lambda my: my.client.search_experiments(order_by="name"),
    ),
    (
        "a filter that is none",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.search_experiments(filter_string=1),
    ),
    (
        "a token that is none",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.search_experiments(page_token=1),
    ),
)

LOOK: Scenario = (
    ("one", lambda my: my.client.get_experiment(my["one"])),
    ("the full one", lambda my: my.client.get_experiment(my["full"])),
    ("all", lambda my: list(search(my, view_type=3))),
)


def test_experiments(stack):
    """Made, read, changed, searched, deleted, restored; each refusal has MLflow's code."""
    with all_sides(stack) as sides:
        for scenario in (MAKE, READ, CHANGE, SEARCH, DELETE):
            assert {} == compare(sides, scenario)
        assert {} == compare_differing(sides, DIFFERENT)
        assert {} == compare_exactly(sides, LOOK)
