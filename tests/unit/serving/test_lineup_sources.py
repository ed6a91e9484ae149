"""What should answer, read from a rollout's plans."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from penstock.errors import NothingToServe, NotMlflow
from penstock.rollout.codec import encode, plan_tag
from penstock.rollout.plans import LiveRun, Plan
from penstock.rollout.scope import Scope
from penstock.rollout.status import ModelStatus
from penstock.semver import SemVer, parse_range
from penstock.serving.lineup_sources import PlanSource


def refuse(*_: object, **__: object) -> None:
    raise NotMlflow("a stock server answers with a text")


@dataclass(eq=False)
class TinyClient:
    """A stock server with one experiment, whose tags hold plans."""

    tags: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self):
        self._tracking = SimpleNamespace(ask=refuse)

    def get_experiment(self, experiment_id):
        self.asked.append(experiment_id)
        return SimpleNamespace(
            experiment_id="7", name="churn", lifecycle_stage="active", tags=self.tags
        )

    def get_experiment_by_name(self, name):
        assert name == "churn"
        return self.get_experiment("7")

    def write(self, version, live, *, submodel="churn", revision=1):
        plan = Plan(Scope("7", submodel, SemVer(*map(int, version.split(".")))), revision, live)
        self.tags[plan_tag(plan.scope)] = encode(plan)


ACTIVE = LiveRun(ModelStatus.Active, 1.0)
CANARY = LiveRun(ModelStatus.Canary)


@pytest.fixture
def client() -> TinyClient:
    found = TinyClient()
    found.write("1.3.9", {"old": ACTIVE})
    found.write("1.4.0", {"first": ACTIVE, "seen": CANARY}, revision=5)
    found.write("1.4.2", {"seen": CANARY})
    found.write("2.0.0", {"next": ACTIVE})
    found.write("1.4.1", {"other": ACTIVE}, submodel="another")
    return found


def source(client, versions, **options: str) -> PlanSource:
    return PlanSource(lambda: client, "churn", versions=parse_range(versions), **options)


def test_the_newest_version_with_an_active_run_answers(client):
    """Within the range that was asked for; a Canary alone answers nobody."""
    found = source(client, "1.4.*").read()
    assert ("1.4.0", 5, {"first": 1.0}, ("seen",)) == (
        found.version,
        found.revision,
        found.active,
        found.canaries,
    )
    assert "runs:/first/model" == found.uris["first"]
    assert "2.0.0" == source(client, "*").read().version
    assert "1.3.9" == source(client, "1.3.9").read().version


def test_a_newer_version_takes_over_once_it_is_active(client):
    """It is another lineup, whose revisions count anew."""
    following = source(client, "1.*")
    before = following.read()
    client.write("1.5.0", {"newer": ACTIVE})
    after = following.read()
    assert ("1.4.0", "1.5.0") == (before.version, after.version)
    assert before.origin != after.origin


def test_a_submodel_has_plans_of_its_own(client):
    """Others of the experiment are not mixed up with it."""
    assert {"other": 1.0} == source(client, "*", submodel="another").read().active


def test_without_an_active_run_it_says_what_to_do(client):
    """The command is in the message."""
    with pytest.raises(NothingToServe, match="penstock rollout enable"):
        source(client, "9.*").read()


def test_each_look_is_one_request(client):
    """The experiment is looked up once."""
    following = source(client, "1.4.*")
    following.read()
    client.asked.clear()
    following.read()
    assert ["7"] == client.asked
    assert not following.is_close
