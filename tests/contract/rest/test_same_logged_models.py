"""Logged models: MLflow's client and ours give the same, step by step."""

from contract.rest.side_by_side import (
    MISSING,
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

NOWHERE = "m-" + "0" * 32


def make(my: Side, label: str, **arguments: object):
    """Make a logged model of this corner, and return it."""
    return my.keep(label, my.client.create_logged_model(my["experiment"], label, **arguments))


def search(my: Side, condition: str | None = None, **arguments: object):
    return my.client.search_logged_models([my["experiment"]], condition, **arguments)


def log_metric(my: Side, label: str, value: float, dataset: str = "d1"):
    return my.client.log_metric(
        my["run"],
        "accuracy",
        value,
        5,
        model_id=my[label],
        dataset_name=dataset,
        dataset_digest="x",
    )


def by(name: str, **fields: object):
    return {"order_by": [{"field_name": name, **fields}]}


MAKE: Scenario = (
    ("a place", lambda my: my.keep("experiment", my.client.create_experiment(my.name()))),
    ("a run", lambda my: my.keep("run", my.client.create_run(my["experiment"], run_name="r"))),
    ("with a name alone", lambda my: make(my, "bare")),
    (
        "with all there is",
        lambda my: make(
            my,
            "full",
            source_run_id=my["run"],
            tags={"täg %/": "välue", "empty": "", "n": 1.25},
            params={"päram": "1.5", "empty": "", "n": 2.25},
            model_type="kind ü",
        ),
    ),
    ("another place", lambda my: my.keep("other", my.client.create_experiment(my.name("other")))),
    ("without a name", lambda my: my.client.create_logged_model(my["other"])),
    ("an empty name", lambda my: my.client.create_logged_model(my["other"], "")),
    ("many params", lambda my: make(my, "many", params={f"p{n}": "v" for n in range(250)})),
    ("the same name", lambda my: make(my, "twin", tags={}, params={})),
    ("an odd name", lambda my: make(my, "a/b")),
    ("in no experiment", lambda my: my.client.create_logged_model("987654321", "m")),
    ("of no run", lambda my: make(my, "of no run", source_run_id="0" * 32)),
    ("a long key", lambda my: make(my, "k", params={"k" * 251: ""})),
    ("a long value", lambda my: make(my, "v", params={"k": "v" * 6001})),
    ("a long tag", lambda my: make(my, "t", tags={"k": "v" * 8001})),
)

READ: Scenario = (
    ("the bare one", lambda my: my.client.get_logged_model(my["bare"])),
    ("the full one", lambda my: my.client.get_logged_model(my["full"])),
    ("as dictionary", lambda my: my.client.get_logged_model(my["full"]).to_dictionary()),
    ("the one with many", lambda my: my.client.get_logged_model(my["many"])),
    ("its URI", lambda my: my.client.get_logged_model(my["full"]).model_uri),
    ("one that is not there", lambda my: my.client.get_logged_model(NOWHERE)),
    ("no id", lambda my: my.client.get_logged_model("")),
)

CHANGE: Scenario = (
    (
        "params",
        lambda my: my.client.log_model_params(my["bare"], {"p": "ü", "empty": "", "n": 3.25}),
    ),
    (
        "many params",
        lambda my: my.client.log_model_params(
            my["bare"], {f"p{number}": "v" for number in range(150)}
        ),
    ),
    ("a long value", lambda my: my.client.log_model_params(my["bare"], {"l": "x" * 6001})),
    ("no params", lambda my: my.client.log_model_params(my["bare"], {})),
    ("params of none", lambda my: my.client.log_model_params(NOWHERE, {"p": "1"})),
    ("params of nothing", lambda my: my.client.log_model_params("", {"p": "1"})),
    ("tags", lambda my: my.client.set_logged_model_tags(my["bare"], {"täg %": 1.5, "a b": ""})),
    ("other values", lambda my: my.client.set_logged_model_tags(my["bare"], {"täg %": None})),
    ("a long tag", lambda my: my.client.set_logged_model_tags(my["bare"], {"k": "x" * 8001})),
    ("no tags", lambda my: my.client.set_logged_model_tags(my["bare"], {})),
    ("tags of none", lambda my: my.client.set_logged_model_tags(NOWHERE, {"k": "v"})),
    ("tags of nothing", lambda my: my.client.set_logged_model_tags("", {"k": "v"})),
    ("remove a tag", lambda my: my.client.delete_logged_model_tag(my["bare"], "a b")),
    ("remove it again", lambda my: my.client.delete_logged_model_tag(my["bare"], "a b")),
    ("remove of none", lambda my: my.client.delete_logged_model_tag(NOWHERE, "k")),
    ("remove of nothing", lambda my: my.client.delete_logged_model_tag("", "k")),
    ("a metric", lambda my: log_metric(my, "bare", 0.25)),
    ("a better one", lambda my: log_metric(my, "full", 0.75)),
    ("one on another dataset", lambda my: log_metric(my, "full", 0.125, "d2")),
    ("ready", lambda my: my.client.finalize_logged_model(my["full"], "READY")),
    (
        "failed",
        lambda my: my.client.finalize_logged_model(
            my["bare"], my.entities.LoggedModelStatus.FAILED
        ),
    ),
    ("pending again", lambda my: my.client.finalize_logged_model(my["many"], "PENDING")),
    ("ready, but none", lambda my: my.client.finalize_logged_model(NOWHERE, "READY")),
    ("ready, but nothing", lambda my: my.client.finalize_logged_model("", "READY")),
    ("after that", lambda my: [my.client.get_logged_model(my[one]) for one in ("bare", "full")]),
)

SEARCH: Scenario = (
    ("all", search),
    ("by name", lambda my: search(my, "name = 'full'")),
    ("by tag", lambda my: search(my, "tags.n = '1'")),
    ("by param", lambda my: search(my, "params.`päram` = '1.5'")),
    ("by metric", lambda my: search(my, "metrics.accuracy > 0.5")),
    (
        "by metric on a dataset",
        lambda my: search(
            my, "metrics.accuracy < 0.5", datasets=[{"dataset_name": "d1", "dataset_digest": "x"}]
        ),
    ),
    (
        "on a dataset of this name",
        lambda my: search(my, "metrics.accuracy < 0.5", datasets=[{"dataset_name": "d2"}]),
    ),
    ("by status", lambda my: search(my, "status = 'READY'")),
    ("by run", lambda my: search(my, f"source_run_id = '{my['run']}'")),
    ("by time", lambda my: search(my, "creation_timestamp > 0 AND last_updated_timestamp > 0")),
    ("ordered by metric", lambda my: search(my, **by("metrics.accuracy", ascending=False))),
    (
        "ordered on a dataset",
        lambda my: search(my, **by("metrics.accuracy", dataset_name="d1", dataset_digest="x")),
    ),
    ("ordered by name", lambda my: search(my, **by("name"))),
    ("a page", lambda my: [m.name for m in search(my, max_results=2, **by("name"))]),
    (
        "the next page",
        lambda my: [
            m.name
            for m in search(
                my,
                max_results=2,
                **by("name"),
                page_token=search(my, max_results=2, **by("name")).token,
            )
        ],
    ),
    ("whether there are more", lambda my: search(my, max_results=2).token is None),
    ("nor after the last", lambda my: search(my, max_results=50).token is None),
    ("none", lambda my: search(my, max_results=0)),
    ("less than none", lambda my: search(my, max_results=-1)),
    ("a filter of nonsense", lambda my: search(my, "what ==")),
    ("a filter of nothing", lambda my: search(my, "nothing.x = 'y'")),
    ("an order of nonsense", lambda my: search(my, **by("nonsense.x"))),
    ("a token of nonsense", lambda my: search(my, page_token="nonsense")),
    (
        "a token of another search",
        lambda my: search(my, "name = 'full'", page_token=search(my, max_results=1).token),
    ),
    ("in no experiment", lambda my: my.client.search_logged_models([])),
    ("in an unknown one", lambda my: my.client.search_logged_models(["987654321"])),
    ("in one that is no list", lambda my: my.client.search_logged_models(my["experiment"])),
    ("in one that is no text", lambda my: my.client.search_logged_models([int(my["experiment"])])),
)

DELETE: Scenario = (
    ("delete", lambda my: my.client.delete_logged_model(my["twin"])),
    ("delete again", lambda my: my.client.delete_logged_model(my["twin"])),
    ("delete none", lambda my: my.client.delete_logged_model(NOWHERE)),
    ("delete nothing", lambda my: my.client.delete_logged_model("")),
    ("it is gone", lambda my: my.client.get_logged_model(my["twin"])),
    ("it takes no param", lambda my: my.client.log_model_params(my["twin"], {"p": "1"})),
    ("nor a tag", lambda my: my.client.set_logged_model_tags(my["twin"], {"k": "v"})),
    ("nor is it found", lambda my: search(my, "name = 'twin'")),
)

DIFFERENT: Differing = (
    # MLflow's client sends such a key as a longer path; the API has no other way to name it.
    (
        "a tag whose key holds a slash",
        refused("ENDPOINT_NOT_FOUND", 404),
        REFUSED,
        lambda my: my.client.delete_logged_model_tag(my["full"], "täg %/"),
    ),
    (
        "no tag",
        refused("ENDPOINT_NOT_FOUND", 404),
        REFUSED,
        lambda my: my.client.delete_logged_model_tag(my["full"], ""),
    ),
    (
        "no status",
        raised(ValueError),
        REFUSED,
        lambda my: my.client.finalize_logged_model(my["full"], "DONE"),
    ),
    ("an id that is a number", MISSING, REFUSED, lambda my: my.client.get_logged_model(5)),
    ("no id", REFUSED, REFUSED, lambda my: my.client.get_logged_model(None)),
    (
        "a name that is a number",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.create_logged_model(my["experiment"], 5),
    ),
    (
        "params that are a list",
        raised(AttributeError),
        REFUSED,
        lambda my: my.client.log_model_params(my["full"], ["p"]),
    ),
    ("an order without a field", raised(KeyError), REFUSED, lambda my: search(my, order_by=[{}])),
    (
        "an order that is a text",
        raised(TypeError),
        REFUSED,
        lambda my: search(my, order_by=["name"]),
    ),
    ("a dataset without a name", raised(KeyError), REFUSED, lambda my: search(my, datasets=[{}])),
)

LOOK: Scenario = (
    ("the bare one", lambda my: my.client.get_logged_model(my["bare"])),
    ("the full one", lambda my: my.client.get_logged_model(my["full"])),
    ("all", lambda my: list(search(my, **by("name")))),
)


def test_logged_models(stack):
    """Made, read, changed, searched, deleted; each refusal has MLflow's code."""
    with all_sides(stack, mixed=True) as sides:
        for scenario in (MAKE, READ, CHANGE, SEARCH, DELETE):
            assert {} == compare(sides, scenario)
        assert {} == compare_differing(sides, DIFFERENT)
        assert {} == compare_exactly(sides, LOOK)
