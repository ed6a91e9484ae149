"""What MLflow's API speaks of, as frozen values with the attributes of `mlflow.entities`.

Each name is imported when first used: a client that was only made has decoded nothing yet.
"""

from typing import TYPE_CHECKING

from penstock.lazy_names import lazy_names

if TYPE_CHECKING:
    from penstock.rest.entities.dataset import Dataset as Dataset
    from penstock.rest.entities.dataset_input import DatasetInput as DatasetInput
    from penstock.rest.entities.experiment import Experiment as Experiment
    from penstock.rest.entities.file_info import FileInfo as FileInfo
    from penstock.rest.entities.input_tag import InputTag as InputTag
    from penstock.rest.entities.lifecycle_stage import LifecycleStage as LifecycleStage
    from penstock.rest.entities.logged_model import LoggedModel as LoggedModel
    from penstock.rest.entities.logged_model import LoggedModelRecord as LoggedModelRecord
    from penstock.rest.entities.logged_model_input import LoggedModelInput as LoggedModelInput
    from penstock.rest.entities.logged_model_output import LoggedModelOutput as LoggedModelOutput
    from penstock.rest.entities.logged_model_status import LoggedModelStatus as LoggedModelStatus
    from penstock.rest.entities.metric import Metric as Metric
    from penstock.rest.entities.model_version import ModelVersion as ModelVersion
    from penstock.rest.entities.paged_list import PagedList as PagedList
    from penstock.rest.entities.param import Param as Param
    from penstock.rest.entities.registered_model import RegisteredModel as RegisteredModel
    from penstock.rest.entities.run import Run as Run
    from penstock.rest.entities.run_data import RunData as RunData
    from penstock.rest.entities.run_info import RunInfo as RunInfo
    from penstock.rest.entities.run_inputs import RunInputs as RunInputs
    from penstock.rest.entities.run_outputs import RunOutputs as RunOutputs
    from penstock.rest.entities.run_status import RunStatus as RunStatus
    from penstock.rest.entities.run_tag import RunTag as RunTag
    from penstock.rest.entities.view_type import ViewType as ViewType

_HOMES = {
    "Dataset": "dataset",
    "DatasetInput": "dataset_input",
    "Experiment": "experiment",
    "FileInfo": "file_info",
    "InputTag": "input_tag",
    "LifecycleStage": "lifecycle_stage",
    "LoggedModel": "logged_model",
    "LoggedModelInput": "logged_model_input",
    "LoggedModelOutput": "logged_model_output",
    "LoggedModelRecord": "logged_model",
    "LoggedModelStatus": "logged_model_status",
    "Metric": "metric",
    "ModelVersion": "model_version",
    "PagedList": "paged_list",
    "Param": "param",
    "RegisteredModel": "registered_model",
    "Run": "run",
    "RunData": "run_data",
    "RunInfo": "run_info",
    "RunInputs": "run_inputs",
    "RunOutputs": "run_outputs",
    "RunStatus": "run_status",
    "RunTag": "run_tag",
    "ViewType": "view_type",
}

__all__ = [
    "Dataset",
    "DatasetInput",
    "Experiment",
    "FileInfo",
    "InputTag",
    "LifecycleStage",
    "LoggedModel",
    "LoggedModelInput",
    "LoggedModelOutput",
    "LoggedModelStatus",
    "Metric",
    "ModelVersion",
    "PagedList",
    "Param",
    "RegisteredModel",
    "Run",
    "RunData",
    "RunInfo",
    "RunInputs",
    "RunOutputs",
    "RunStatus",
    "RunTag",
    "ViewType",
]


__getattr__, __dir__ = lazy_names(
    __name__, {name: f"{__name__}.{home}" for name, home in _HOMES.items()}
)
