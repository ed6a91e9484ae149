import threading

import pytest

from penstock.agent import MLFlowAgent, NullMLFlowAgent, SingletonMeta


@pytest.fixture(autouse=True)
def forget():
    yield
    SingletonMeta.reset()


def test_threads_share_one_instance():
    """Also when many ask at once, and making one takes long."""
    made = []
    barrier = threading.Barrier(16)

    class Slow(metaclass=SingletonMeta):
        def __init__(self):
            made.append(self)
            threading.Event().wait(0.02)

    found = []

    def ask():
        barrier.wait()
        found.append(Slow())

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 == len(made)
    assert {id(made[0])} == {id(one) for one in found}


def test_a_class_and_its_child_have_an_instance_each():
    """A singleton is one of its very class."""

    class Parent(metaclass=SingletonMeta):
        pass

    class Child(Parent):
        pass

    assert Parent() is Parent()
    assert Child() is not Parent()


def test_a_reset_forgets_and_closes():
    """For tests, which must not see each other's instances."""
    closed = []

    class Open(metaclass=SingletonMeta):
        def close(self):
            closed.append(self)

    first = Open()
    SingletonMeta.reset()
    assert [first] == closed
    assert Open() is not first


def test_the_agent_that_does_nothing_has_all_methods():
    """On the class and on an instance; what an agent has not is refused."""
    names = {
        name for one in MLFlowAgent.__mro__ for name in vars(one) if not name.startswith("_")
    } - {"mro"}
    assert {"start_run", "log_metric", "compose_model_uri", "register_model"} <= names
    for name in names - {"mlflow_client", "mlflow_connect_tracking_server_uri"}:
        assert getattr(NullMLFlowAgent, name)() is None or name == "start_run"
        assert getattr(NullMLFlowAgent(), name)("any", thing=1) is None or name == "start_run"
    assert NullMLFlowAgent().mlflow_client is None
    with pytest.raises(AttributeError):
        _ = NullMLFlowAgent().log_nothing


def test_the_agent_that_does_nothing_takes_blocks():
    """Code written for the real one runs as it is."""
    with NullMLFlowAgent.start_run("experiment", "run") as run, NullMLFlowAgent() as agent:
        agent.log_metric("x", 1.0)
    assert run is not None
