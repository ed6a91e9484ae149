"""One run of the clinic's pipeline: `pipeline.py FOLDER EXPERIMENT`; the data lie in the folder.

Prints what the pipeline made as one line of JSON, the last of its output.
"""

import copy
import json
import os
import sys
from pathlib import Path

import mlflow
from lolpop.component.metadata_tracker.mlflow_metadata_tracker import MLFlowMetadataTracker
from lolpop.runner import ClassificationRunner

PEERS = ["OfflineProcess", "OfflineTrain", "OfflineDeploy", "OfflinePredict"]


def configuration(folder: Path, experiment: str) -> dict:
    train = {
        "data_splitter": "LocalDataSplitter",
        "hyperparameter_tuner": "LocalHyperparameterTuner",
        "feature_transformer": "ScalesTransformer",
        "model_checker": "ConfusionChecker",
        "model_explainer": "CoefficientsExplainer",
        "model_visualizer": "BarsVisualizer",
        "model_bias_checker": "RatesChecker",
    }
    checks = {"data_checker": "GapsChecker", "data_profiler": "NumbersProfiler"}
    return {
        "pipeline": dict(zip(("process", "train", "deploy", "predict"), PEERS, strict=True)),
        "component": {
            "metadata_tracker": "PenstockMetadataTracker",
            "metrics_tracker": "MLFlowMetricsTracker",
            "resource_version_control": "FolderVersionControl",
        },
        "metadata_tracker": {
            "config": {
                "mlflow_tracking_uri": os.environ["MLFLOW_TRACKING_URI"],
                "mlflow_experiment_name": experiment,
            }
        },
        "process": {
            "component": {"data_transformer": "LocalDataTransformer", **checks},
            "data_transformer": {
                "config": {"transformer_path": str(Path(__file__).with_name("clean.py"))}
            },
        },
        "train": {
            "component": train,
            "hyperparameter_tuner": {
                "config": {"training_params": {"LogisticTrainer": {"C": [0.001, 0.1, 1.0]}}}
            },
            "data_splitter": {"config": {"split_ratio": [0.6, 0.2, 0.2], "include_test": True}},
            "feature_transformer": {"config": {"with_mean": True}},
            "config": {"metrics": ["accuracy", "f1"], "perf_metric": "f1"},
        },
        "deploy": {
            "component": {
                "model_repository": "MLFlowModelRepository",
                "model_deployer": "DeskDeployer",
            }
        },
        "predict": {
            "component": {
                "data_connector": "LocalDataConnector",
                "model_explainer": "CoefficientsExplainer",
                **checks,
            },
            "config": {"skip_prediction_explanations": True},
        },
        "config": {
            "folder": str(folder),
            "train_data": str(folder / "train.csv"),
            "eval_data": str(folder / "eval.csv"),
            "prediction_data": str(folder / "predictions.csv"),
            "model_target": "benign",
            "model_name": "tumours",
            "drop_columns": ["benign_again"],
            "baseline_method": "value",
            "baseline_value": "class_most_frequent",
            "perf_metric": "f1",
        },
    }


def load_again(tracker, model, version):
    """Load what was trained, with a reference that was trained with something else."""
    reference = copy.copy(model)
    reference.params = {"C": -1.0}
    return tracker.load_model(model._get_model(), version, reference)


def leaves_alone(tracker, experiment: str) -> bool:
    """Tell whether another tracker leaves the run that somebody has active in this process."""
    conf = {"mlflow_tracking_uri": tracker.url, "mlflow_experiment_name": f"{experiment}-aside"}
    with mlflow.start_run(experiment_id="0") as active:
        type(tracker)(conf={"config": conf}).stop()
        left = mlflow.active_run()
        return left is not None and active.info.run_id == left.info.run_id


def main(folder: Path, experiment: str) -> None:
    runner = ClassificationRunner(conf=configuration(folder, experiment))
    data, dataset = runner.process_data()
    version, model, is_better = runner.train_model(data, dataset)
    runner.deploy_model(version, model)
    seen, seen_version = runner.process_data(source="eval")
    features = seen.drop(columns="benign")
    _, job = runner.predict_data(version, model, features.copy(), seen_version)
    runner.stop()
    made = {"version": version, "dataset": dataset, "job": job}
    ids = {name: [resource[0], resource[1].info.run_id] for name, resource in made.items()}
    tracker = runner.metadata_tracker
    again = load_again(tracker, model, version)
    answers = [list(each.transform_and_predict_df(features)) for each in (model, again)]
    told = {
        "tracker": type(tracker).__name__,
        "is_lolpops": isinstance(tracker, MLFlowMetadataTracker),
        "is_better": bool(is_better),
        "left_active": mlflow.active_run() is not None,
        "leaves_alone": leaves_alone(tracker, experiment),
        "winner": tracker.get_winning_experiment(version)[0],
        "importance": type(tracker.get_metadata(version, "feature_importance")).__name__,
        "trainer": type(again).__name__,
        "transformer": type(again.feature_transformer).__name__,
        "trained_with": dict(again.params),
        "answers_alike": answers[0] == answers[1],
        "is_new": tracker.get_prev_resource_version(version) is None,
    }
    print(json.dumps({**ids, **told}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
