"""Trainers are built from what was recorded."""

import pytest

from penstock.errors import LineageError
from penstock.lineage.trainers import TrainerRecord, build_trainer, find_class


class Trainer:
    def __init__(self, conf, params, parent=None):
        self.conf, self.params, self.parent = conf, params, parent
        self.model = None


class Strict(Trainer):
    def _set_model(self, model):
        self.model = ("set", model)


class Estimator:
    def __init__(self, C=0, seed=0):  # noqa: N803 - as scikit-learn calls it
        self.strength, self.seed = C, seed


RECORD = TrainerRecord("Trainer", {"C": 1}, {"a": 2})


def test_a_trainer_gets_what_it_takes():
    """Options that its class does not know are left out."""
    trainer = build_trainer(Trainer, RECORD, {"parent": "p", "is_standalone": True}, "fitted")
    assert ({"config": {"a": 2}}, {"C": 1}, "p", "fitted") == (
        trainer.conf,
        trainer.params,
        trainer.parent,
        trainer.model,
    )


def test_a_trainer_may_take_the_model_itself():
    """By the method that trainers of pipelines have."""
    assert ("set", "fitted") == build_trainer(Strict, RECORD, {}, "fitted").model


def test_a_class_may_take_params_and_configuration_one_by_one():
    """As estimators of scikit-learn do; what it does not know is left out."""
    record = TrainerRecord("Estimator", {"C": 1, "of_others": 2}, {"seed": 3, "C": 4})
    estimator = build_trainer(Estimator, record, {"parent": "p"}, "fitted")
    assert (1, 3, "fitted") == (estimator.strength, estimator.seed, estimator.model)


def test_a_class_that_tells_no_arguments_is_refused():
    """Some that are not written in Python do not."""
    with pytest.raises(LineageError, match="tells which arguments"):
        build_trainer(dict, RECORD, {}, None)


def test_without_a_model_there_is_none():
    """A trainer can be built to train anew."""
    assert build_trainer(Trainer, RECORD, {}, None).model is None


def test_the_class_is_found_by_name_or_as_that_of_the_reference():
    """A bare name means the reference's class."""
    assert Trainer is find_class("Trainer", Trainer({}, {}))
    found = find_class("collections.OrderedDict", None)
    assert "OrderedDict" == found.__name__


@pytest.mark.parametrize("name", ["Trainer", "no.such.Class", "json.nothing", "json.__name__", ""])
def test_a_class_that_cannot_be_found_is_said(name):
    """With what to log instead."""
    with pytest.raises(LineageError, match=r"trainer '.*'"):
        find_class(name, None)
