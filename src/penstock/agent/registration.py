"""Register a model object as the next version of a registered model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.agent.singleton_meta import SingletonMeta
from penstock.agent.tracking import MLFlowTracking
from penstock.models import register_version, upload_model

if TYPE_CHECKING:
    from penstock.agent.tracking import ActiveRun
    from penstock.models import RegisteredVersion
    from penstock.models.flavour_choice import FlavourLike


class MLFlowModelRegistry(metaclass=SingletonMeta):
    """Registers models; methods of the class and of its instance."""

    @classmethod
    def register_model(
        cls,
        model: Any,  # noqa: ANN401 - models of all makers
        model_name: str,
        flavor: FlavourLike | None = None,
        *,
        experiment_name: str | None = None,
        **options: Any,  # noqa: ANN401 - those of the flavour
    ) -> RegisteredVersion:
        """Save a model, upload it and register it, once; return the new version.

        `flavor` is a module such as `mlflow.pytorch` or its name; without one it follows from the
        model's class. The files belong to the active run, or to a new run of `experiment_name`, by
        default of the model's name, which ends with the call. `options` are those of the flavour:
        `signature`, `input_example`, `pip_requirements`, …
        """
        active = MLFlowTracking.active_run()
        if active is not None:
            return _register(active, model, model_name, flavor=flavor, options=options)
        with MLFlowTracking.start_run(experiment_name or model_name) as made:
            return _register(made, model, model_name, flavor=flavor, options=options)


def _register(
    active: ActiveRun,
    model: Any,  # noqa: ANN401 - models of all makers
    name: str,
    *,
    flavor: FlavourLike | None,
    options: dict[str, Any],
) -> RegisteredVersion:
    run_id = active.info.run_id
    uploaded = upload_model(active.client, run_id, model, flavour=flavor, **options)
    return register_version(active.client, name, source=uploaded.model_uri, run_id=run_id)
