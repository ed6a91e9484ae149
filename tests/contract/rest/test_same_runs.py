"""Runs: MLflow's client and ours give the same, step by step."""

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

NOWHERE = "0" * 32
TAGS = {
    "täg/x y": "välue 日本",
    "empty": "",
    "long": "x" * 8000,
    "lines": "a\nb",
    "mlflow.user": "ü",
}


def make(my: Side, label: str, experiment: str = "experiment", **arguments: object):
    """Make a run of this corner, and return it."""
    return my.keep(label, my.client.create_run(my[experiment], run_name=label, **arguments))


def search(my: Side, condition: str = "", **arguments: object):
    return my.client.search_runs([my["experiment"]], condition, **arguments)


def dataset(my: Side):
    return my.entities.DatasetInput(my.entities.Dataset("däta", "1", "local", "{}"), [])


def outputs(my: Side):
    return [my.entities.LoggedModelOutput("m-1", 1)]


MAKE: Scenario = (
    ("a place", lambda my: my.keep("experiment", my.client.create_experiment(my.name()))),
    ("another", lambda my: my.keep("gone", my.client.create_experiment(my.name("gone")))),
    ("that is deleted", lambda my: my.client.delete_experiment(my["gone"])),
    ("with all there is", lambda my: make(my, "full", start_time=17, tags=TAGS)),
    ("with a name alone", lambda my: make(my, "bare")),
    ("without a name", lambda my: my.client.create_run(my["experiment"], 1).info.status),
    ("a nested one", lambda my: make(my, "child", tags={"mlflow.parentRunId": my["full"]})),
    ("at the beginning of time", lambda my: make(my, "now", start_time=0)),
    ("before it", lambda my: make(my, "early", start_time=-5)),
    ("by a number", lambda my: my.client.create_run(int(my["experiment"]), 2, run_name="i").info),
    ("in no experiment", lambda my: my.client.create_run("987654321")),
    ("in a deleted one", lambda my: my.client.create_run(my["gone"])),
    ("in an odd one", lambda my: my.client.create_run("a b")),
    ("with two names", lambda my: make(my, "two", tags={"mlflow.runName": "other"})),
    ("with a long tag", lambda my: make(my, "long", tags={"k": "v" * 8001})),
    ("with a long key", lambda my: make(my, "long", tags={"k" * 251: "v"})),
    ("with an odd key", lambda my: make(my, "odd", tags={"a//b": "v"})),
    ("many tags", lambda my: make(my, "many", tags={f"t{number}": "" for number in range(110)})),
)


READ: Scenario = (
    ("the full one", lambda my: my.client.get_run(my["full"])),
    ("as dictionary", lambda my: my.client.get_run(my["full"]).to_dictionary()),
    ("the bare one", lambda my: my.client.get_run(my["bare"])),
    ("its parent", lambda my: my.client.get_parent_run(my["child"])),
    ("no parent", lambda my: my.client.get_parent_run(my["full"])),
    ("the parent of none", lambda my: my.client.get_parent_run(NOWHERE)),
    ("one that is not there", lambda my: my.client.get_run(NOWHERE)),
    ("an odd id", lambda my: my.client.get_run("../x")),
    ("a long id", lambda my: my.client.get_run("x" * 257)),
    ("no id", lambda my: my.client.get_run("")),
)


LOG: Scenario = (
    (
        "all there is",
        lambda my: my.client.log_batch(
            my["full"],
            [my.entities.Metric("m/é", value, step, step) for step, value in enumerate((-1.5, 7))],
            [my.entities.Param("p/ä b", "1.5"), my.entities.Param("empty", "")],
        ),
    ),
    (
        "a dataset",
        lambda my: my.client.log_inputs(
            my["full"],
            [dataset(my)],
        ),
    ),
)


SEARCH: Scenario = (
    ("all", search),
    ("by metric", lambda my: search(my, "metrics.`m/é` >= 7 and metrics.`m/é` < 8")),
    ("by param", lambda my: search(my, "params.`p/ä b` = '1.5' AND params.empty = ''")),
    ("by tag", lambda my: search(my, "tags.`täg/x y` ILIKE '%LUE%'")),
    ("by attribute", lambda my: search(my, "attributes.start_time < 20 and status = 'RUNNING'")),
    ("by name", lambda my: search(my, "run_name IN ('full', 'child')")),
    ("by dataset", lambda my: search(my, "datasets.name = 'däta'")),
    ("by an id", lambda my: search(my, f"run_id = '{my['full']}'")),
    ("by one experiment", lambda my: my.client.search_runs(my["experiment"], "run_name = 'full'")),
    ("by its number", lambda my: my.client.search_runs(int(my["experiment"]), "run_name = 'full'")),
    ("by numbers", lambda my: my.client.search_runs([int(my["experiment"])], "run_name = 'full'")),
    (
        "ordered",
        lambda my: search(my, order_by=["metrics.`m/é` DESC", "params.empty", "start_time"]),
    ),
    ("a page", lambda my: search(my, order_by=["start_time"], max_results=2)),
    (
        "the next page",
        lambda my: search(
            my,
            order_by=["start_time"],
            max_results=2,
            page_token=search(my, order_by=["start_time"], max_results=2).token,
        ),
    ),
    ("none", lambda my: search(my, max_results=0)),
    ("less than none", lambda my: search(my, max_results=-1)),
    ("the most", lambda my: len(search(my, max_results=50_000))),
    ("too many", lambda my: search(my, max_results=50_001)),
    ("without a limit", lambda my: len(search(my, max_results=None))),
    ("a filter of nonsense", lambda my: search(my, "what ==")),
    ("a filter of nothing", lambda my: search(my, "nothing.x = 'y'")),
    ("a metric as text", lambda my: search(my, "metrics.`m/é` = 'x'")),
    ("a text as number", lambda my: search(my, "params.empty = 1")),
    ("an order of nonsense", lambda my: search(my, order_by=["nonsense.x DESC"])),
    ("a token of nonsense", lambda my: search(my, page_token="nonsense")),
    ("in no experiment", lambda my: my.client.search_runs([])),
    ("in an unknown one", lambda my: my.client.search_runs(["987654321"])),
)


END: Scenario = (
    ("fail", lambda my: my.client.set_terminated(my["full"], "FAILED", 99)),
    ("it failed", lambda my: my.client.get_run(my["full"]).info),
    ("finish", lambda my: my.client.set_terminated(my["bare"])),
    ("it finished", lambda my: my.client.get_run(my["bare"]).info),
    ("end none", lambda my: my.client.set_terminated("f" * 32, "KILLED")),
    ("a new name", lambda my: my.client.update_run(my["full"], name="näw")),
    ("a new status", lambda my: my.client.update_run(my["full"], "RUNNING")),
    ("both", lambda my: my.client.update_run(my["child"], "SCHEDULED", "both")),
    ("an empty name", lambda my: my.client.update_run(my["child"], name="")),
    ("nothing new", lambda my: my.client.update_run(NOWHERE)),
    ("of no run", lambda my: my.client.update_run(NOWHERE, name="x")),
    ("after that", lambda my: [my.client.get_run(my[run]).info for run in ("full", "child")]),
    ("delete", lambda my: my.client.delete_run(my["child"])),
    ("delete again", lambda my: my.client.delete_run(my["child"])),
    ("delete none", lambda my: my.client.delete_run(NOWHERE)),
    ("delete nothing", lambda my: my.client.delete_run("")),
    ("it is still there", lambda my: my.client.get_run(my["child"])),
    ("it takes no metric", lambda my: my.client.log_metric(my["child"], "m", 1, 1)),
    ("nor a param", lambda my: my.client.log_param(my["child"], "k", "v")),
    ("nor a tag", lambda my: my.client.set_tag(my["child"], "k", "v")),
    (
        "nor a batch",
        lambda my: my.client.log_batch(my["child"], [my.entities.Metric("m", 1, 1, 1)]),
    ),
    ("nor a new name", lambda my: my.client.update_run(my["child"], name="x")),
    ("nor an end", lambda my: my.client.set_terminated(my["child"])),
    ("nor inputs", lambda my: my.client.log_inputs(my["child"], [dataset(my)])),
    ("nor outputs", lambda my: my.client.log_outputs(my["child"], outputs(my))),
    ("nor does it lose a tag", lambda my: my.client.delete_tag(my["child"], "mlflow.parentRunId")),
    (
        "views",
        lambda my: [
            [run.info.run_name for run in search(my, "run_name != 'x'", run_view_type=view)]
            for view in (1, 2, 3)
        ],
    ),
    ("restore", lambda my: my.client.restore_run(my["child"])),
    ("restore again", lambda my: my.client.restore_run(my["child"])),
    ("restore none", lambda my: my.client.restore_run(NOWHERE)),
    ("it is back", lambda my: my.client.get_run(my["child"])),
)


DIFFERENT: Differing = (
    # MLflow's client raises a bare Exception.
    (
        "no status",
        raised(Exception),
        REFUSED,
        lambda my: my.client.set_terminated(my["full"], "DONE"),
    ),
    (
        "no new status",
        raised(Exception),
        REFUSED,
        lambda my: my.client.update_run(my["full"], "DONE"),
    ),
    ("another view", raised(ValueError), REFUSED, lambda my: search(my, run_view_type=4)),
    (
        "a tag that is a number",
        raised(TypeError),
        "n",
        lambda my: make(my, "n", tags={"n": 1}).info.run_name,
    ),
    ("an id that is a number", raised(TypeError), REFUSED, lambda my: my.client.get_run(1)),
    ("no id", raised(TypeError), REFUSED, lambda my: my.client.get_run(None)),
    (
        "a name that is a number",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.create_run(my["experiment"], run_name=1),
    ),
    (
        "a time with a fraction",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.create_run(my["experiment"], 1.5),
    ),
    (
        "tags that are a list",
        raised(AttributeError),
        REFUSED,
        lambda my: my.client.create_run(my["experiment"], tags=["a"]),
    ),
    (
        "experiments that are none",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.search_runs(None),
    ),
    ("half of a page", raised(TypeError), REFUSED, lambda my: search(my, max_results=1.5)),
    ("an order that is no list", REFUSED, REFUSED, lambda my: search(my, order_by="start_time")),
    (
        "an end that is none",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.set_terminated(my["full"], end_time="now"),
    ),
)


LOOK: Scenario = (
    ("the full one", lambda my: my.client.get_run(my["full"])),
    ("the bare one", lambda my: my.client.get_run(my["bare"])),
    ("the nested one", lambda my: my.client.get_run(my["child"])),
    ("all", lambda my: list(search(my, run_view_type=3))),
)


def test_runs(stack):
    """Made, read, found, ended, deleted, restored; each refusal has MLflow's code."""
    with all_sides(stack) as sides:
        for scenario in (MAKE, READ, LOG, SEARCH, END):
            assert {} == compare(sides, scenario)
        assert {} == compare_differing(sides, DIFFERENT)
        assert {} == compare_exactly(sides, LOOK)
