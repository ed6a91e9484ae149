"""Trainers of model versions, built from what a real server has of them."""


class Trainer:
    """What a pipeline trains with."""

    def __init__(self, conf, params, parent=None):
        self.conf, self.params, self.parent = conf, params, parent
        self.model = None


def test_a_trainer_is_built_as_its_experiment_recorded(begin):
    """The winner's class, configuration and params, by any tracker, around the fitted model."""
    first = begin()
    model = first.create_resource("model", type="model_version")
    tried = [first.create_resource(None, type="experiment", parent=model) for _ in range(2)]
    for number, (experiment, kind) in enumerate(
        zip(tried, ("collections.Counter", "Trainer"), strict=True)
    ):
        first.log_metadata(experiment, "model_trainer", kind)
        first.log_metadata(experiment, "training_params", {"C": number})
        first.log_metadata(experiment, "model_trainer_config", {"seed": number, "fold": number})
    first.log_metadata(model, "winning_experiment_id", tried[1][0])
    first.stop()
    later, reference = begin(), Trainer({"config": {"seed": 7}}, {"C": 7})
    trainer = later.load_model("fitted", model, reference, pipeline_config={"fold": 3})
    assert isinstance(trainer, Trainer)
    assert ({"config": {"seed": 1, "fold": 3}}, {"C": 1}) == (trainer.conf, trainer.params)
    assert (later, "fitted") == (trainer.parent, trainer.model)
