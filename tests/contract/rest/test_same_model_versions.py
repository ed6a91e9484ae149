"""Versions of registered models: MLflow's client and ours give the same, step by step."""

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

NAME = "é%'\" 日本 a&b=c+d 100%25 \\"
BROKEN = refused("INTERNAL_ERROR", 500)


def version(my: Side, label: str = "full", source: str = "", **arguments: object):
    """Make a version; of a run of this corner, unless another source is named."""
    source = source or f"runs:/{my['run']}/model"
    arguments.setdefault("run_id", my["run"])
    return my.client.create_model_version(my[label], source, **arguments)


def versions(my: Side, condition: str = "", **arguments: object):
    own = f"name LIKE '{my.corner}%'"
    condition = f"{own} AND {condition}" if condition else own
    return my.client.search_model_versions(condition, **arguments)


def stage(my: Side, number: object, wanted: object, *, archive: bool = False):
    return my.client.transition_model_version_stage(my["full"], number, wanted, archive)


def make_run(my: Side) -> None:
    experiment = my.client.create_experiment(my.name())
    my.keep("run", my.client.create_run(experiment, run_name="r"))
    my.keep("logged", my.client.create_logged_model(experiment, "model", my["run"]))


MAKE: Scenario = (
    ("a run", make_run),
    ("a model", lambda my: my.keep("full", my.client.create_registered_model(my.name(NAME)))),
    ("another", lambda my: my.keep("bare", my.client.create_registered_model(my.name("b")))),
    ("an empty one", lambda my: my.keep("gone", my.client.create_registered_model(my.name("g")))),
)


VERSIONS: Scenario = (
    ("of a run", version),
    (
        "with all there is",
        lambda my: version(
            my,
            tags={"täg/x y": "välue", "empty": "", "n": 1},
            run_link="http://127.0.0.1/ü",
            description="däscription",
        ),
    ),
    ("without a run", lambda my: version(my, run_id=None)),
    (
        "of a model without a run",
        lambda my: version(my, source=f"models:/{my['logged']}", run_id=None),
    ),
    (
        "of a logged model",
        lambda my: version(my, source=f"models:/{my['logged']}", model_id=my["logged"]),
    ),
    ("not waiting", lambda my: version(my, await_creation_for=None, description="")),
    ("of a place", lambda my: version(my, source=f"mlflow-artifacts:/0/{my['run']}/artifacts/m")),
    ("of the bare one", lambda my: version(my, "bare")),
    (
        "of an unknown model",
        lambda my: my.client.create_model_version(my.name("nowhere"), f"runs:/{my['run']}/m"),
    ),
    ("without a source", lambda my: my.client.create_model_version(my["full"], "")),
    ("of a local file", lambda my: version(my, source="/etc/passwd")),
    ("of a place that climbs", lambda my: version(my, source="mlflow-artifacts:/a/../../b")),
    ("of an unknown run", lambda my: version(my, run_id="0" * 32)),
    ("of an unknown logged model", lambda my: version(my, model_id="m-unknown")),
    ("with a long key", lambda my: version(my, tags={"k" * 251: ""})),
    ("with a long value", lambda my: version(my, tags={"k": "v" * 100_001})),
    ("a prompt", lambda my: version(my, tags={"mlflow.prompt.is_prompt": "true"})),
    ("read", lambda my: my.client.get_model_version(my["full"], "2")),
    ("read by number", lambda my: my.client.get_model_version(my["full"], 3)),
    ("read none", lambda my: my.client.get_model_version(my["full"], "99")),
    ("read of none", lambda my: my.client.get_model_version(my.name("nowhere"), "1")),
    ("read no number", lambda my: my.client.get_model_version(my["full"], "x")),
    ("read nothing", lambda my: my.client.get_model_version(my["full"], "")),
    ("where it lies", lambda my: my.client.get_model_version_download_uri(my["full"], "1")),
    ("where none lies", lambda my: my.client.get_model_version_download_uri(my["full"], "99")),
    ("of no model", lambda my: my.client.get_model_version_download_uri(my.name("no"), "1")),
    ("its stages", lambda my: my.client.get_model_version_stages(my["full"], "1")),
    ("describe", lambda my: my.client.update_model_version(my["full"], "1", "näw")),
    ("describe with nothing", lambda my: my.client.update_model_version(my["full"], 1, "")),
    ("describe not at all", lambda my: my.client.update_model_version(my["full"], "1")),
    ("describe none", lambda my: my.client.update_model_version(my["full"], "99", "x")),
    ("describe of none", lambda my: my.client.update_model_version(my.name("no"), "1", "x")),
)


TAGS: Scenario = (
    ("set", lambda my: my.client.set_model_version_tag(my["full"], "1", "täg/x y", 17)),
    ("set anew", lambda my: my.client.set_model_version_tag(my["full"], 1, "täg/x y", "x")),
    ("set nothing", lambda my: my.client.set_model_version_tag(my["full"], "1", "empty")),
    ("set of none", lambda my: my.client.set_model_version_tag(my["full"], "99", "k", "v")),
    ("set of no model", lambda my: my.client.set_model_version_tag(my.name("no"), "1", "k", "v")),
    ("set of no version", lambda my: my.client.set_model_version_tag(my["full"], key="k")),
    (
        "set of too many",
        lambda my: my.client.set_model_version_tag(my["full"], "1", "k", "v", "Staging"),
    ),
    ("too long a key", lambda my: my.client.set_model_version_tag(my["full"], "1", "k" * 251, "")),
    (
        "too long a value",
        lambda my: my.client.set_model_version_tag(my["full"], "1", "k", "v" * 100_001),
    ),
    ("no key", lambda my: my.client.set_model_version_tag(my["full"], "1", "", "v")),
    ("remove", lambda my: my.client.delete_model_version_tag(my["full"], "1", "empty")),
    ("remove again", lambda my: my.client.delete_model_version_tag(my["full"], "1", "empty")),
    ("remove of none", lambda my: my.client.delete_model_version_tag(my["full"], "99", "k")),
    ("remove of no version", lambda my: my.client.delete_model_version_tag(my["full"], key="k")),
    (
        "by an empty stage",
        lambda my: my.client.set_model_version_tag(
            my["full"], key="k", value="v", stage="Production"
        ),
    ),
    ("after that", lambda my: my.client.get_model_version(my["full"], "1").tags),
)


STAGES: Scenario = (
    ("to production", lambda my: stage(my, "1", "Production")),
    ("in small letters", lambda my: stage(my, 2, "staging")),
    ("another to production", lambda my: stage(my, "3", "Production")),
    ("instead of all others", lambda my: stage(my, "4", "Production", archive=True)),
    ("back", lambda my: stage(my, "3", "None")),
    ("archive", lambda my: stage(my, "3", "Archived")),
    ("archive instead of others", lambda my: stage(my, "3", "Archived", archive=True)),
    ("to nowhere", lambda my: stage(my, "3", "Nowhere")),
    ("to nothing", lambda my: stage(my, "3", " ")),
    ("none", lambda my: stage(my, "99", "Staging")),
    ("of none", lambda my: my.client.transition_model_version_stage(my.name("n"), "1", "Staging")),
    ("latest", lambda my: my.client.get_latest_versions(my["full"])),
    (
        "latest of some",
        lambda my: my.client.get_latest_versions(my["full"], ["production", "None"]),
    ),
    ("latest of no stage", lambda my: my.client.get_latest_versions(my["full"], [])),
    ("latest of a wrong one", lambda my: my.client.get_latest_versions(my["full"], ["x"])),
    ("latest of none", lambda my: my.client.get_latest_versions(my.name("nowhere"))),
    ("latest of a bare one", lambda my: my.client.get_latest_versions(my["gone"])),
    (
        "a tag by stage",
        lambda my: my.client.set_model_version_tag(
            my["full"], key="by stage", value="v", stage="Staging"
        ),
    ),
    ("it is there", lambda my: my.client.get_model_version(my["full"], "2").tags),
    (
        "no longer",
        lambda my: my.client.delete_model_version_tag(my["full"], key="by stage", stage="Staging"),
    ),
    ("after that", lambda my: my.client.get_registered_model(my["full"])),
)


ALIASES: Scenario = (
    ("set", lambda my: my.client.set_registered_model_alias(my["full"], "chämpion", "2")),
    ("set another", lambda my: my.client.set_registered_model_alias(my["full"], "other", 2)),
    ("move", lambda my: my.client.set_registered_model_alias(my["full"], "other", "3")),
    ("of no version", lambda my: my.client.set_registered_model_alias(my["full"], "a", "99")),
    ("of no number", lambda my: my.client.set_registered_model_alias(my["full"], "a", "x")),
    ("of no model", lambda my: my.client.set_registered_model_alias(my.name("no"), "a", "1")),
    ("no model", lambda my: my.client.set_registered_model_alias("", "a", "1")),
    ("a slash", lambda my: my.client.set_registered_model_alias("a/b", "a", "1")),
    ("a climbing name", lambda my: my.client.set_registered_model_alias("..a", "a", "1")),
    ("no alias", lambda my: my.client.set_registered_model_alias(my["full"], "", "1")),
    ("an odd alias", lambda my: my.client.set_registered_model_alias(my["full"], "a b", "1")),
    ("a number", lambda my: my.client.set_registered_model_alias(my["full"], "v1", "1")),
    ("latest", lambda my: my.client.set_registered_model_alias(my["full"], "latest", "1")),
    ("a long one", lambda my: my.client.set_registered_model_alias(my["full"], "a" * 256, "1")),
    ("read", lambda my: my.client.get_model_version_by_alias(my["full"], "chämpion")),
    ("read the other", lambda my: my.client.get_model_version_by_alias(my["full"], "other")),
    ("read latest", lambda my: my.client.get_model_version_by_alias(my["full"], "latest")),
    ("read none", lambda my: my.client.get_model_version_by_alias(my["full"], "nobody")),
    ("read nothing", lambda my: my.client.get_model_version_by_alias(my["full"], "")),
    ("read of none", lambda my: my.client.get_model_version_by_alias(my.name("no"), "a")),
    ("read of a slash", lambda my: my.client.get_model_version_by_alias("a/b", "a")),
    ("remove", lambda my: my.client.delete_registered_model_alias(my["full"], "other")),
    ("remove again", lambda my: my.client.delete_registered_model_alias(my["full"], "other")),
    ("remove an odd one", lambda my: my.client.delete_registered_model_alias(my["full"], "a b")),
    ("remove of none", lambda my: my.client.delete_registered_model_alias(my.name("no"), "a")),
    ("after that", lambda my: my.client.get_registered_model(my["full"]).aliases),
)


COPIES: Scenario = (
    (
        "by number",
        lambda my: my.client.copy_model_version(
            f"models:/{my['full']}/2", my.keep("copy", my.name("copy"))
        ),
    ),
    ("again", lambda my: my.client.copy_model_version(f"models:/{my['full']}/2", my["copy"])),
    (
        "by alias",
        lambda my: my.client.copy_model_version(f"models:/{my['full']}@chämpion", my["copy"]),
    ),
    (
        "the latest",
        lambda my: my.client.copy_model_version(f"models:/{my['full']}/latest", my["copy"]),
    ),
    (
        "by stage",
        lambda my: my.client.copy_model_version(f"models:/{my['full']}/staging", my["copy"]),
    ),
    ("a copy", lambda my: my.client.copy_model_version(f"models:/{my['copy']}/1", my["copy"])),
    ("to itself", lambda my: my.client.copy_model_version(f"models:/{my['bare']}/1", my["bare"])),
    ("none", lambda my: my.client.copy_model_version(f"models:/{my['full']}/99", my["copy"])),
    ("of none", lambda my: my.client.copy_model_version("models:/nowhere/1", my["copy"])),
    (
        "an empty stage",
        lambda my: my.client.copy_model_version(f"models:/{my['bare']}/Production", my["copy"]),
    ),
    (
        "an unknown alias",
        lambda my: my.client.copy_model_version(f"models:/{my['full']}@nobody", my["copy"]),
    ),
    ("a run", lambda my: my.client.copy_model_version(f"runs:/{my['run']}/m", my["copy"])),
    ("nonsense", lambda my: my.client.copy_model_version("models:/a/b/c", my["copy"])),
    (
        "to a name that is none",
        lambda my: my.client.copy_model_version(f"models:/{my['full']}/1", "a/b"),
    ),
    ("all copies", lambda my: list(versions(my, f"name = '{my.name('copy')}'"))),
    ("where one lies", lambda my: my.client.get_model_version_download_uri(my["copy"], "1")),
)


SEARCH: Scenario = (
    ("all", versions),
    ("of a run", lambda my: my.client.search_model_versions(f"run_id = '{my['run']}'")),
    ("of runs", lambda my: my.client.search_model_versions(f"run_id IN ('{my['run']}', 'x')")),
    ("of a source", lambda my: versions(my, f"source_path = 'runs:/{my['run']}/model'")),
    ("by a version's tag", lambda my: versions(my, "tags.n = '1'")),
    ("by number", lambda my: versions(my, "version_number > 2")),
    ("a page of versions", lambda my: versions(my, max_results=3)),
    (
        "the next page of versions",
        lambda my: versions(my, max_results=3, page_token=versions(my, max_results=3).token),
    ),
    ("versions ordered", lambda my: versions(my, order_by=["version_number DESC", "name ASC"])),
    ("no versions", lambda my: versions(my, max_results=0)),
    ("less than no versions", lambda my: versions(my, max_results=-1)),
    ("too many versions", lambda my: versions(my, max_results=200_001)),
    ("nonsense of versions", lambda my: my.client.search_model_versions("what ==")),
    ("versions ordered by nonsense", lambda my: versions(my, order_by=["nonsense"])),
    ("versions from nowhere", lambda my: versions(my, page_token="nonsense")),
)


DELETE: Scenario = (
    ("a version", lambda my: my.client.delete_model_version(my["full"], "3")),
    ("again", lambda my: my.client.delete_model_version(my["full"], "3")),
    ("of none", lambda my: my.client.delete_model_version(my.name("nowhere"), "1")),
    ("no number", lambda my: my.client.delete_model_version(my["full"], "x")),
    ("it is gone", lambda my: my.client.get_model_version(my["full"], "3")),
    ("it takes no tag", lambda my: my.client.set_model_version_tag(my["full"], "3", "k", "v")),
    ("nor a stage", lambda my: stage(my, "3", "Staging")),
    ("nor a description", lambda my: my.client.update_model_version(my["full"], "3", "x")),
    ("its alias is gone", lambda my: my.client.delete_model_version(my["full"], "2")),
    ("really", lambda my: my.client.get_model_version_by_alias(my["full"], "chämpion")),
    ("the next number is new", version),
    ("with its versions", lambda my: my.client.delete_registered_model(my["copy"])),
    ("they are gone", lambda my: my.client.get_model_version(my["copy"], "1")),
)


DIFFERENT: Differing = (
    (
        "a copy of a logged model",
        raised(ValueError),
        BROKEN,
        lambda my: my.client.copy_model_version(f"models:/{my['logged']}", my.name("copied")),
    ),
    (
        "a source that is none",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.create_model_version(my["full"], 1),
    ),
    ("no version", REFUSED, REFUSED, lambda my: my.client.get_model_version(my["full"], None)),
    (
        "a version that is a fraction",
        REFUSED,
        REFUSED,
        lambda my: my.client.get_model_version(my["full"], 1.5),
    ),
    ("no stage", raised(AttributeError), REFUSED, lambda my: stage(my, "1", None)),
    (
        "stages that are no list",
        REFUSED,
        REFUSED,
        lambda my: my.client.get_latest_versions(my["full"], "Staging"),
    ),
    (
        "no key for a version",
        REFUSED,
        REFUSED,
        lambda my: my.client.set_model_version_tag(my["full"], "1", None, 1),
    ),
    (
        "an alias that is a number",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.set_registered_model_alias(my["full"], 1, "1"),
    ),
    (
        "an alias of nothing",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.set_registered_model_alias(my["full"], "a", None),
    ),
    (
        "a filter that is none",
        raised(TypeError),
        REFUSED,
        lambda my: my.client.search_model_versions(1),
    ),
)


LOOK: Scenario = (
    ("a model", lambda my: my.client.get_registered_model(my["full"])),
    ("a version", lambda my: my.client.get_model_version(my["full"], "4")),
    ("all versions", lambda my: list(versions(my))),
)


def test_versions(stack):
    """Made, tagged, moved, named, copied, found, deleted; each refusal has MLflow's code."""
    with all_sides(stack) as sides:
        for scenario in (MAKE, VERSIONS, TAGS, STAGES, ALIASES, COPIES, SEARCH, DELETE):
            assert {} == compare(sides, scenario)
        assert {} == compare_differing(sides, DIFFERENT)
        assert {} == compare_exactly(sides, LOOK)
