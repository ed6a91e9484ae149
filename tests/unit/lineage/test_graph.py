"""A graph as text, as a flowchart, as JSON and as events."""

import re

import jsonschema_rs
import pytest

from event_schema import check_event
from penstock.lineage import LineageGraph
from penstock.lineage.node import Edge, EdgeKind, Node, NodeKind
from penstock.lineage.openlineage_events import as_documents

TIMES = {
    "run_status": "FINISHED",
    "started": "2026-01-31T12:00:00+00:00",
    "ended": "2026-01-31T12:05:00+00:00",
}
DATA = Node("d", NodeKind.DATASET, 'train "data"', "r1", {"uri": "s3://b/train"})
COMMIT = Node("c", NodeKind.COMMIT, "abc123")
MODEL = Node("m", NodeKind.MODEL_VERSION, "churn", "r1", {"status": "DEPLOYED", **TIMES})
LOSER = Node("e1", NodeKind.EXPERIMENT, "r2.churn", "r2", {"f1": 0.91, **TIMES})
WINNER = Node("e2", NodeKind.EXPERIMENT, "r3.churn", "r3", {**TIMES, "run_status": "FAILED"})
LIVE = Node("l", NodeKind.DEPLOYMENT, "churn", "r1", {"status": "DEPLOYED"})
JOB = Node("p", NodeKind.PREDICTION_JOB, "churn_predictions", "r4", {**TIMES, "ended": None})
GRAPH = LineageGraph(
    (DATA, COMMIT, MODEL, LOSER, WINNER, LIVE, JOB),
    (
        Edge("c", "d", EdgeKind.VERSIONED),
        Edge("d", "m", EdgeKind.MADE_FROM),
        Edge("e1", "m", EdgeKind.CANDIDATE),
        Edge("e2", "m", EdgeKind.WINNER),
        Edge("m", "l", EdgeKind.DEPLOYED),
        Edge("m", "p", EdgeKind.PREDICTED),
    ),
    ("m",),
    "http://127.0.0.1:5000",
)


def test_the_text_is_a_tree_with_all_ids():
    """What a thing came from stands below it, then what came of it."""
    assert [
        "model version churn · run r1 · status DEPLOYED · run status FINISHED",
        '├── made from: dataset train "data" · run r1 · uri s3://b/train',
        "│   └── versioned as: commit abc123",
        "├── candidate: experiment r2.churn · run r2 · f1 0.91 · run status FINISHED",
        "├── winner: experiment r3.churn · run r3 · run status FAILED",
        "├── deployed as: deployment churn · run r1 · status DEPLOYED",
        "└── predicted by: prediction job churn_predictions · run r4 · run status FINISHED",
    ] == GRAPH.to_text().splitlines()


def test_a_circle_is_drawn_once():
    """What somebody tells of each other need not make sense."""
    circle = GRAPH._replace(edges=(*GRAPH.edges, Edge("d", "c", EdgeKind.MADE_FROM)))
    assert circle.to_text().count("commit abc123") < 3


def test_the_flowchart_has_a_box_for_each_node_and_an_arrow_for_each_edge():
    """Quotes in names end no label."""
    head, *lines = GRAPH.to_mermaid().splitlines()
    assert "flowchart LR" == head
    assert len(GRAPH.nodes) + len(GRAPH.edges) == len(lines)
    assert "train #34;data#34;" in lines[0]
    assert all(re.fullmatch(r' {4}n\d+\W+"[^"]*"\W+', line) for line in lines[: len(GRAPH.nodes)])
    assert "    n0 -->|made from| n2" in lines


@pytest.mark.parametrize("text", ["</b>", "a;b", "x|y", "line\nbreak", "`", "style a:b"])
def test_no_name_writes_the_flowchart(text):
    """Names come from whoever logs."""
    graph = LineageGraph((DATA._replace(name=text),), (), ("d",), "http://x")
    assert text not in graph.to_mermaid()
    assert 2 == len(graph.to_mermaid().splitlines())


@pytest.mark.parametrize("text", ["a\nroot", "a\x1b[2J", "a\u2028b", "\ud800"])
def test_no_name_writes_the_text(text):
    """Not another line of the tree, and nothing to a terminal."""
    node = DATA._replace(name=text, attributes={"uri": text})
    (line,) = LineageGraph((node,), (), ("d",), "http://x").to_text().splitlines()
    assert line.isprintable()


def test_json_holds_everything():
    """Scripts need not parse the text."""
    document = GRAPH.to_json()
    assert ["m"] == document["roots"]
    assert {"source": "c", "target": "d", "kind": "versioned as"} == document["edges"][0]
    assert {"uri": "s3://b/train"} == document["nodes"][0]["attributes"]


def test_an_unknown_node_is_a_key_error():
    """As in a dictionary."""
    with pytest.raises(KeyError, match="nothing"):
        GRAPH.node("nothing")


def test_an_id_that_utf_8_cannot_hold_has_events():
    """Each its own."""
    nodes = tuple(MODEL._replace(id=name) for name in ("\ud800", "\ud801"))
    graph = LineageGraph(nodes, (), ("\ud800",), "http://x")
    runs = {event["run"]["runId"] for event in as_documents(graph.to_openlineage())}
    assert 2 == len(runs)


@pytest.fixture
def events():
    return as_documents(GRAPH.to_openlineage())


def test_each_run_starts_and_ends(events):
    """OpenLineage wants one START and one end for each run; a running one has no end yet."""
    told = [(event["job"]["name"], event["eventType"]) for event in events]
    assert {
        ("churn", "START"),
        ("churn", "COMPLETE"),
        ("churn.experiment", "START"),
        ("churn.experiment", "COMPLETE"),
        ("churn.experiment", "FAIL"),
        ("churn_predictions", "START"),
    } == set(told)
    assert 7 == len(told)
    assert sorted(event["eventTime"] for event in events) == [
        event["eventTime"] for event in events
    ]


def test_events_fit_the_schema_of_openlineage(events):
    """Each of them."""
    for event in events:
        check_event(event)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("eventTime", "2026-01-31 at noon"),
        ("eventTime", None),
        ("eventType", "DONE"),
        ("producer", "not a URI"),
        ("run.runId", "r1"),
        ("run.facets.nominalTime.nominalStartTime", "2026-01-31"),
        ("run.facets.nominalTime._producer", "not a URI"),
        ("job.name", 7),
        ("job.namespace", None),
        ("inputs.0.name", None),
        ("inputs.0.facets.dataSource.uri", "/d/train.csv"),
        ("inputs.0.facets.version.datasetVersion", 3),
        ("inputs.0.facets.versions", {}),
        ("outputs", {}),
    ],
)
def test_a_wrong_event_does_not_fit(events, place, value):
    """The schema says no at all; None is a missing field."""
    event = next(event for event in events if event["job"]["name"] == "churn")
    *parents, field = place.split(".")
    thing = event
    for parent in parents:
        thing = thing[int(parent) if parent.isdecimal() else parent]
    thing[field] = value
    if value is None:
        del thing[field]
    with pytest.raises(jsonschema_rs.ValidationError):
        check_event(event)


def test_a_model_version_reads_its_datasets(events):
    """With the commit as the version of the dataset, and where it lies."""
    event = next(event for event in events if event["job"]["name"] == "churn")
    (dataset,) = event["inputs"]
    assert 'train "data"' == dataset["name"]
    assert "abc123" == dataset["facets"]["version"]["datasetVersion"]
    assert "s3://b/train" == dataset["facets"]["dataSource"]["uri"]
    assert ["churn"] == [made["name"] for made in event["outputs"]]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("s3://b/my file.csv", "s3://b/my%20file.csv"),
        ("s3://b/a%20b#1", "s3://b/a%20b#1"),
        ("s3://b/50%/\ud800", "s3://b/50%25/%3F"),
        ("http://[x", "http://%5Bx"),
        ("http://[::1]:9000/b/[1]", "http://[::1]:9000/b/%5B1%5D"),
        ("s3://me@[fe80::7]/b", "s3://me@[fe80::7]/b"),
        ("/d/train.csv", None),
        (7, None),
    ],
)
def test_where_data_lie_is_told_as_a_uri(address, expected):
    """OpenLineage takes nothing else for one; version control may say anything."""
    data = DATA._replace(attributes={"uri": address})
    graph = GRAPH._replace(nodes=(data, *GRAPH.nodes[1:]))
    for event in as_documents(graph.to_openlineage()):
        check_event(event)
        for dataset in event["inputs"]:
            told = dataset["facets"].get("dataSource", {}).get("uri")
            assert (expected if dataset["name"] == data.name else None) == told


def test_experiments_are_parts_of_their_model_version(events):
    """By the parent facet, with the run id that the model version's own events have."""
    model = next(event for event in events if event["job"]["name"] == "churn")
    parents = {
        event["run"]["facets"]["parent"]["run"]["runId"]
        for event in events
        if event["job"]["name"] == "churn.experiment"
    }
    assert {model["run"]["runId"]} == parents


def test_predictions_read_the_model(events):
    """The model version is their input."""
    event = next(event for event in events if event["job"]["name"] == "churn_predictions")
    assert ["churn"] == [read["name"] for read in event["inputs"]]
