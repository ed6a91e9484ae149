"""Registered models: MLflow's client and ours give the same, step by step."""

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
)

NAME = "é%'\" 日本 a&b=c+d 100%25 \\"


def search(my: Side, condition: str = "", **arguments: object):
    own = f"name LIKE '{my.corner}%'"
    condition = f"{own} AND {condition}" if condition else own
    return my.client.search_registered_models(condition, **arguments)


MAKE: Scenario = (
    ("make one", lambda my: my.keep("bare", my.client.create_registered_model(my.name("b")))),
    (
        "with all there is",
        lambda my: my.keep(
            "full",
            my.client.create_registered_model(
                my.name(NAME),
                tags={"täg/x y": "välue", "empty": "", "n": 1},
                description="däscription\nin lines",
            ),
        ),
    ),
    (
        "with nothing",
        lambda my: my.keep(
            "gone", my.client.create_registered_model(my.name("g"), tags={}, description="")
        ),
    ),
    ("a name that is a query", lambda my: my.client.create_registered_model(my.name("a?b#c"))),
    ("an odd key", lambda my: my.client.create_registered_model(my.name("o"), {"%": ""})),
    ("twice", lambda my: my.client.create_registered_model(my["bare"])),
    ("no name", lambda my: my.client.create_registered_model("")),
    ("blanks", lambda my: my.client.create_registered_model("  ")),
    ("a slash", lambda my: my.client.create_registered_model(my.name("a/b"))),
    ("a colon", lambda my: my.client.create_registered_model(my.name("a:b"))),
    ("dots", lambda my: my.client.create_registered_model("..")),
    (
        "a long name",
        lambda my: my.client.create_registered_model(my.name("x" * 300)).latest_versions,
    ),
    ("a long key", lambda my: my.client.create_registered_model(my.name("k"), {"k" * 251: ""})),
    (
        "a long value",
        lambda my: my.client.create_registered_model(my.name("v"), {"k": "v" * 100_001}),
    ),
    ("an empty key", lambda my: my.client.create_registered_model(my.name("e"), {"": "v"})),
    (
        "a prompt",
        lambda my: my.client.create_registered_model(
            my.name("p"), {"mlflow.prompt.is_prompt": "true"}
        ),
    ),
)


READ: Scenario = (
    ("the full one", lambda my: my.client.get_registered_model(my["full"])),
    ("the bare one", lambda my: my.client.get_registered_model(my["bare"])),
    ("the one like a query", lambda my: my.client.get_registered_model(my.name("a?b#c"))),
    ("one that is not there", lambda my: my.client.get_registered_model(my.name("nowhere"))),
    ("no name", lambda my: my.client.get_registered_model("")),
    ("a slash", lambda my: my.client.get_registered_model("a/b")),
)


CHANGE: Scenario = (
    ("describe", lambda my: my.client.update_registered_model(my["bare"], "ü")),
    ("describe with nothing", lambda my: my.client.update_registered_model(my["bare"], "")),
    ("describe not at all", lambda my: my.client.update_registered_model(my["bare"])),
    ("describe none", lambda my: my.client.update_registered_model(my.name("nowhere"), "x")),
    ("set a tag", lambda my: my.client.set_registered_model_tag(my["bare"], "täg/x y", 1.5)),
    ("set it anew", lambda my: my.client.set_registered_model_tag(my["bare"], "täg/x y", None)),
    ("set an empty one", lambda my: my.client.set_registered_model_tag(my["bare"], "e", "")),
    ("set a long one", lambda my: my.client.set_registered_model_tag(my["bare"], "l", "x" * 9999)),
    (
        "too long a tag",
        lambda my: my.client.set_registered_model_tag(my["bare"], "l", "x" * 100_001),
    ),
    ("too long a key", lambda my: my.client.set_registered_model_tag(my["bare"], "k" * 251, "")),
    ("no key", lambda my: my.client.set_registered_model_tag(my["bare"], "", "v")),
    ("a tag of none", lambda my: my.client.set_registered_model_tag(my.name("no"), "k", "v")),
    ("remove a tag", lambda my: my.client.delete_registered_model_tag(my["bare"], "l")),
    ("remove it again", lambda my: my.client.delete_registered_model_tag(my["bare"], "l")),
    ("remove of none", lambda my: my.client.delete_registered_model_tag(my.name("no"), "k")),
    ("after that", lambda my: my.client.get_registered_model(my["bare"])),
)


SEARCH: Scenario = (
    ("all", search),
    ("by name", lambda my: my.client.search_registered_models(f"name = '{my['bare']}'")),
    (
        "in other letters",
        lambda my: my.client.search_registered_models(f"name ILIKE '{my.corner.upper()}%'"),
    ),
    ("by tag", lambda my: search(my, "tags.n = '1'")),
    ("by a tag that is not so", lambda my: search(my, "tags.n != '1'")),
    ("a page", lambda my: search(my, max_results=2)),
    (
        "the next page",
        lambda my: search(my, max_results=2, page_token=search(my, max_results=2).token),
    ),
    ("ordered", lambda my: search(my, order_by=["name DESC", "timestamp ASC"])),
    ("none", lambda my: search(my, max_results=0)),
    ("less than none", lambda my: search(my, max_results=-1)),
    ("too many", lambda my: search(my, max_results=1001)),
    ("nonsense", lambda my: my.client.search_registered_models("what ==")),
    ("a filter of nothing", lambda my: search(my, "nothing = 'x'")),
    ("an order of nonsense", lambda my: search(my, order_by=["nonsense"])),
    ("a token of nonsense", lambda my: search(my, page_token="nonsense")),
)


DELETE: Scenario = (
    ("a model", lambda my: my.client.delete_registered_model(my["gone"])),
    ("a model again", lambda my: my.client.delete_registered_model(my["gone"])),
    ("no model", lambda my: my.client.delete_registered_model("")),
    ("a model that is gone", lambda my: my.client.get_registered_model(my["gone"])),
)


RENAME: Scenario = (
    ("to another's", lambda my: my.client.rename_registered_model(my["full"], my["bare"])),
    ("to nothing", lambda my: my.client.rename_registered_model(my["full"], " ")),
    ("none", lambda my: my.client.rename_registered_model(my.name("nowhere"), my.name("x"))),
    ("to a slash", lambda my: my.client.rename_registered_model(my["full"], my.name("a/b"))),
)


PROMPTS: Scenario = (
    ("its name", lambda my: my.keep("prompt", f"{my.corner}-prompt")),
    ("as a model", lambda my: my.client.get_registered_model(my["prompt"])),
    ("a version of it", lambda my: my.client.get_model_version(my["prompt"], "1")),
    ("by alias", lambda my: my.client.get_model_version_by_alias(my["prompt"], "a")),
    ("where it lies", lambda my: my.client.get_model_version_download_uri(my["prompt"], "1")),
    ("its latest", lambda my: my.client.get_latest_versions(my["prompt"])),
    ("rename", lambda my: my.client.rename_registered_model(my["prompt"], my.name("other"))),
    ("describe", lambda my: my.client.update_registered_model(my["prompt"], "x")),
    ("tag", lambda my: my.client.set_registered_model_tag(my["prompt"], "k", "v")),
    ("remove a tag", lambda my: my.client.delete_registered_model_tag(my["prompt"], "k")),
    ("name a version", lambda my: my.client.set_registered_model_alias(my["prompt"], "b", "1")),
    ("forget a name", lambda my: my.client.delete_registered_model_alias(my["prompt"], "a")),
    ("tag a version", lambda my: my.client.set_model_version_tag(my["prompt"], "1", "k", "v")),
    ("describe one", lambda my: my.client.update_model_version(my["prompt"], "1", "x")),
    ("move one", lambda my: my.client.transition_model_version_stage(my["prompt"], "1", "Staging")),
    ("delete one", lambda my: my.client.delete_model_version(my["prompt"], "1")),
    ("delete it", lambda my: my.client.delete_registered_model(my["prompt"])),
    (
        "copy it",
        lambda my: my.client.copy_model_version(f"models:/{my['prompt']}/1", my.name("copied")),
    ),
    ("search", search),
)


DIFFERENT: Differing = (
    # MLflow's client forgets to return what its documentation promises.
    (
        "rename",
        None,
        "CORNER new",
        lambda my: getattr(
            my.client.rename_registered_model(my["bare"], my.name("new")), "name", None
        ),
    ),
    (
        "a name that is a number",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.create_registered_model(1),
    ),
    ("no name", REFUSED, REFUSED, lambda my: my.client.create_registered_model(None)),
    (
        "tags that are a list",
        raised(AttributeError),
        REFUSED,
        lambda my: my.client.create_registered_model(my.name("l"), ["k"]),
    ),
    (
        "a description that is none",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.update_registered_model(my["full"], 1),
    ),
    (
        "no new name",
        raised(AttributeError),
        REFUSED,
        lambda my: my.client.rename_registered_model(my["full"], None),
    ),
    (
        "no key",
        REFUSED,
        REFUSED,
        lambda my: my.client.set_registered_model_tag(my["full"], None, 1),
    ),
    ("half of a page", raised(TypeError), REFUSED, lambda my: search(my, max_results=1.5)),
)


LOOK: Scenario = (
    ("a model", lambda my: my.client.get_registered_model(my["full"])),
    ("all models", lambda my: list(search(my))),
)


def test_registered_models(stack):
    """Made, read, changed, found, deleted; each refusal has MLflow's code."""
    with all_sides(stack) as sides:
        for scenario in (MAKE, READ, CHANGE, SEARCH, DELETE, RENAME):
            assert {} == compare(sides, scenario)
        assert {} == compare_differing(sides, DIFFERENT)
        assert {} == compare_exactly(sides, LOOK)


def test_prompts_are_no_registered_models(stack):
    """MLflow keeps them in the same place; none of these calls sees or changes one."""
    with all_sides(stack) as sides:
        for side in sides:
            make_prompt(sides[0], side)
        assert {} == compare(sides, PROMPTS)


def make_prompt(stock: Side, side: Side) -> None:
    name = f"{side.corner}-prompt"
    stock.client.register_prompt(name, "Hello {{name}}")
    stock.client.set_prompt_alias(name, "a", 1)
