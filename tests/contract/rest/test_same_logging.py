"""What is logged to runs: MLflow's client and ours give the same, step by step."""

import math

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
VALUES = (0.0, -0.0, -1.5, 1e-300, 1e300, 2.0**60, 0.1 + 0.2, math.nan, math.inf, -math.inf)


def make(my: Side, label: str, experiment: str = "experiment", **arguments: object):
    """Make a run of this corner, and return it."""
    return my.keep(label, my.client.create_run(my[experiment], run_name=label, **arguments))


def data(my: Side, label: str = "full"):
    return my.client.get_run(my[label]).data


def dataset(my: Side, name: str = "däta", digest: str = "d1", tags=(), **arguments: object):
    made = my.entities.Dataset(name, digest, "local", '{"uri": "/ü"}', **arguments)
    return my.entities.DatasetInput(made, [my.entities.InputTag(*tag) for tag in tags])


def outputs(my: Side, *models: tuple[str, int]):
    return [my.entities.LoggedModelOutput(*model) for model in models]


MAKE: Scenario = (
    ("a place", lambda my: my.keep("experiment", my.client.create_experiment(my.name()))),
    ("a run", lambda my: make(my, "full", tags={"lines": "a\nb"})),
    ("another", lambda my: make(my, "bare")),
)


METRICS: Scenario = (
    (
        "all kinds of numbers",
        lambda my: [
            my.client.log_metric(my["full"], f"m/{number} é", value, 1000 + number, number - 3)
            for number, value in enumerate(VALUES)
        ],
    ),
    ("a whole number", lambda my: my.client.log_metric(my["full"], "whole", 7, 1, 2**62)),
    ("the same again", lambda my: my.client.log_metric(my["full"], "whole", 7, 1, 2**62)),
    ("an older one", lambda my: my.client.log_metric(my["full"], "whole", 8, 0, 2**62)),
    ("a lower step", lambda my: my.client.log_metric(my["full"], "whole", 9, 9, 1)),
    ("a long key", lambda my: my.client.log_metric(my["full"], "k" * 251, 1, 1)),
    ("an odd key", lambda my: my.client.log_metric(my["full"], "../x", 1, 1)),
    ("a doubled slash", lambda my: my.client.log_metric(my["full"], "a//b", 1, 1)),
    ("an odd letter", lambda my: my.client.log_metric(my["full"], "a%b", 1, 1)),
    ("no key", lambda my: my.client.log_metric(my["full"], "", 1, 1)),
    ("a time before time", lambda my: my.client.log_metric(my["full"], "m", 1, -1)),
    ("half of a dataset", lambda my: my.client.log_metric(my["full"], "m", 1, 1, dataset_name="d")),
    (
        "on a dataset",
        lambda my: my.client.log_metric(
            my["full"], "on data", 1, 1, dataset_name="d", dataset_digest="1"
        ),
    ),
    ("to no run", lambda my: my.client.log_metric(NOWHERE, "m", 1, 1)),
    ("what is there", lambda my: data(my).metrics),
    (
        "histories",
        lambda my: [
            my.client.get_metric_history(my["full"], f"m/{number} é")
            for number in range(len(VALUES))
        ],
    ),
    ("a history", lambda my: my.client.get_metric_history(my["full"], "whole")),
    ("one on a dataset", lambda my: my.client.get_metric_history(my["full"], "on data")),
    ("no history", lambda my: my.client.get_metric_history(my["full"], "nothing")),
    ("of no key", lambda my: my.client.get_metric_history(my["full"], "")),
    ("of no run", lambda my: my.client.get_metric_history(NOWHERE, "m")),
)


LABELS: Scenario = (
    ("a param", lambda my: my.client.log_param(my["full"], "p/ä b", 1.5)),
    ("the same again", lambda my: my.client.log_param(my["full"], "p/ä b", "1.5")),
    ("another value", lambda my: my.client.log_param(my["full"], "p/ä b", 2)),
    ("an empty one", lambda my: my.client.log_param(my["full"], "empty", "")),
    ("None", lambda my: my.client.log_param(my["full"], "none", None)),
    ("a long one", lambda my: my.client.log_param(my["full"], "long", "x" * 6000)),
    ("too long a key", lambda my: my.client.log_param(my["full"], "k" * 251, "v")),
    ("too long a value", lambda my: my.client.log_param(my["full"], "longer", "x" * 6001)),
    ("no key", lambda my: my.client.log_param(my["full"], "", "v")),
    ("an odd key", lambda my: my.client.log_param(my["full"], "/x", "v")),
    ("to no run", lambda my: my.client.log_param(NOWHERE, "k", "v")),
    ("a tag", lambda my: my.client.set_tag(my["full"], "t/ä b", [1, None])),
    ("another value for it", lambda my: my.client.set_tag(my["full"], "t/ä b", 2)),
    ("too long a tag", lambda my: my.client.set_tag(my["full"], "longer", "x" * 8001)),
    ("no key for it", lambda my: my.client.set_tag(my["full"], "", "v")),
    ("a tag of no run", lambda my: my.client.set_tag(NOWHERE, "k", "v")),
    ("a new name by tag", lambda my: my.client.set_tag(my["bare"], "mlflow.runName", "tägged")),
    ("remove a tag", lambda my: my.client.delete_tag(my["full"], "lines")),
    ("remove it again", lambda my: my.client.delete_tag(my["full"], "lines")),
    ("remove nothing", lambda my: my.client.delete_tag(my["full"], "")),
    ("remove of no run", lambda my: my.client.delete_tag(NOWHERE, "k")),
    ("all of it", data),
    ("the new name", lambda my: my.client.get_run(my["bare"]).info),
)


BATCHES: Scenario = (
    (
        "a batch",
        lambda my: my.client.log_batch(
            my["bare"],
            [my.entities.Metric(f"b{n}", value, n, n) for n, value in enumerate(VALUES)],
            [my.entities.Param("bp", "ü"), my.entities.Param("number", 3)],
            [my.entities.RunTag("bt", "ü")],
        ),
    ),
    (
        "a large one",
        lambda my: my.client.log_batch(
            my["bare"],
            [my.entities.Metric("series", step / 7, step, step) for step in range(1100)],
            [my.entities.Param(f"p{number}", f"v{number}") for number in range(130)],
            [my.entities.RunTag(f"t{number}", f"v{number}") for number in range(110)],
        ),
    ),
    ("nothing", lambda my: my.client.log_batch(NOWHERE)),
    (
        "a param twice",
        lambda my: my.client.log_batch(
            my["bare"], params=[my.entities.Param("twice", "1"), my.entities.Param("twice", "2")]
        ),
    ),
    (
        "a changed param",
        lambda my: my.client.log_batch(my["bare"], params=[my.entities.Param("bp", "other")]),
    ),
    ("an odd key", lambda my: my.client.log_batch(my["bare"], [my.entities.Metric("/", 1, 1, 1)])),
    (
        "a long param",
        lambda my: my.client.log_batch(my["bare"], params=[my.entities.Param("long", "x" * 6001)]),
    ),
    ("to no run", lambda my: my.client.log_batch(NOWHERE, tags=[my.entities.RunTag("k", "v")])),
    ("all of it", lambda my: data(my, "bare")),
    ("the series", lambda my: my.client.get_metric_history(my["bare"], "series")),
)


INPUTS: Scenario = (
    ("a model", lambda my: my.keep("model", my.client.create_logged_model(my["experiment"], "m"))),
    ("a dataset", lambda my: my.client.log_inputs(my["full"], [dataset(my)])),
    (
        "one with all there is",
        lambda my: my.client.log_inputs(
            my["full"],
            datasets=[
                dataset(my, "d" * 500, "x" * 36, [("k" * 255, "v" * 500), ("ü", "")], schema="{}"),
                dataset(my, "profile", tags=[("mlflow.data.context", "train")], profile="p"),
            ],
        ),
    ),
    ("the same again", lambda my: my.client.log_inputs(my["full"], [dataset(my)])),
    (
        "a model as input",
        lambda my: my.client.log_inputs(
            my["full"], models=[my.entities.LoggedModelInput(my["model"])]
        ),
    ),
    (
        "an unknown model",
        lambda my: my.client.log_inputs(
            my["bare"], models=[my.entities.LoggedModelInput("m-unknown")]
        ),
    ),
    ("no input", lambda my: my.client.log_inputs(my["full"])),
    ("a long name", lambda my: my.client.log_inputs(my["full"], [dataset(my, "d" * 501)])),
    ("no name", lambda my: my.client.log_inputs(my["full"], [dataset(my, "")])),
    ("a long digest", lambda my: my.client.log_inputs(my["full"], [dataset(my, "d", "x" * 37)])),
    ("no digest", lambda my: my.client.log_inputs(my["full"], [dataset(my, "d", "")])),
    (
        "a long tag",
        lambda my: my.client.log_inputs(my["full"], [dataset(my, tags=[("k" * 256, "")])]),
    ),
    ("to no run", lambda my: my.client.log_inputs(NOWHERE, [dataset(my)])),
    (
        "a model as output",
        lambda my: my.client.log_outputs(my["full"], outputs(my, (my["model"], 3))),
    ),
    ("an unknown one", lambda my: my.client.log_outputs(my["bare"], outputs(my, ("m-unknown", 0)))),
    ("no output", lambda my: my.client.log_outputs(my["full"], [])),
    (
        "an output of no run",
        lambda my: my.client.log_outputs(NOWHERE, outputs(my, (my["model"], 0))),
    ),
    ("all inputs", lambda my: my.client.get_run(my["full"]).inputs),
    ("all outputs", lambda my: my.client.get_run(my["full"]).outputs),
    ("of the other", lambda my: my.client.get_run(my["bare"]).to_dictionary()),
    ("as dictionary", lambda my: my.client.get_run(my["full"]).to_dictionary()),
)


DIFFERENT: Differing = (
    (
        "no number",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.log_metric(my["full"], "m", "three", 1),
    ),
    (
        "inputs that are none",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.log_inputs(my["full"], [my.entities.Dataset("d", "1", "local", "{}")]),
    ),
    (
        "one input",
        raised(AttributeError),
        REFUSED,
        lambda my: my.client.log_inputs(my["full"], dataset(my)),
    ),
    (
        "outputs that are none",
        raised(AttributeError),
        REFUSED,
        lambda my: my.client.log_outputs(my["full"], ["m-1"]),
    ),
)


LOOK: Scenario = (
    ("the full one", lambda my: my.client.get_run(my["full"])),
    ("the bare one", lambda my: my.client.get_run(my["bare"])),
    ("a history", lambda my: my.client.get_metric_history(my["full"], "whole")),
)


def test_logging(stack):
    """Metrics, params, tags, batches, inputs and outputs; each refusal has MLflow's code."""
    with all_sides(stack, mixed=True) as sides:
        for scenario in (MAKE, METRICS, LABELS, BATCHES, INPUTS):
            assert {} == compare(sides, scenario)
        assert {} == compare_differing(sides, DIFFERENT)
        assert {} == compare_exactly(sides, LOOK)
