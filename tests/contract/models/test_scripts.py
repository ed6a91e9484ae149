"""The example code of the document, with only the import path and the address changed."""

import subprocess
import sys

import pytest

from penstock import MlflowClient
from penstock.errors import PenstockError
from servers import clean_environment

SETTINGS = """
# MLflow Configuration
MLFLOW_TRACKING_URI={server}
MLFLOW_REGISTRY_URI={server}
MLFLOW_API_BASE_URL={server}/api/2.0
MLFLOW_USERNAME={username}
MLFLOW_PASSWORD={password}
"""
TRAINING = """
from sklearn.linear_model import LinearRegression
from penstock import ModelManager

model = LinearRegression().fit([[6.5], [7.0]], [0.4, 0.7])
result = {"model": model, "params": {"depth": 3}, "metrics": {"rmse": 0.25}}
model_manager = ModelManager("NAMESPACE")
"""
LIFECYCLE = """
# Register model mới
model_manager.register_model_in_mlflow(station_id=1, model_type='xgboost', model_data=result)

# Get model từ registry
mlflow_model = model_manager.get_model_from_mlflow(station_id=1, model_type='xgboost')
print(f"{mlflow_model['model_uri']} {mlflow_model['status']}")

# Kiểm tra model info
model_info = model_manager.get_model_info(station_id=1, model_type='xgboost')
print(f"Model source: {model_info['source']}")
print(f"Model version: {model_info.get('version', 'N/A')}")

# Fallback về local file
model = model_manager.load_model(station_id=1, model_type='xgboost')
if model is None:
    print("Model not available in MLflow, using local file")
print(model.predict([[6.5]]).round(1))

# Delete model
print(model_manager.delete_model(station_id=1, model_type='xgboost'))
print(model_manager.get_model_from_mlflow(station_id=1, model_type='xgboost'))
"""
CALLS = """
from datetime import datetime

class Manager(ModelManager):
    def register(self, station_id: int, model_type: str):
        # Tạo experiment
        experiment_data = {'name': f"NAMESPACE-station-{station_id}"}
        experiment_response = self.mlflow_api_call(
            'mlflow/experiments/create', 'POST', experiment_data
        )
        experiment_id = experiment_response['experiment_id']

        # Tạo run
        run_data = {
            'experiment_id': experiment_id,
            'start_time': int(datetime.now().timestamp() * 1000),
            'tags': [
                {'key': 'station_id', 'value': str(station_id)},
                {'key': 'model_type', 'value': model_type}
            ]
        }
        run_response = self.mlflow_api_call('mlflow/runs/create', 'POST', run_data)
        run_id = run_response['run']['info']['run_id']

        # Log parameters và metrics
        parameter = {'run_id': run_id, 'key': 'depth', 'value': '3'}
        self.mlflow_api_call('mlflow/runs/log-parameter', 'POST', parameter)
        now = int(datetime.now().timestamp() * 1000)
        metric = {'run_id': run_id, 'key': 'rmse', 'value': 0.25, 'timestamp': now}
        self.mlflow_api_call('mlflow/runs/log-metric', 'POST', metric)
        self.mlflow_api_call('mlflow/runs/update', 'POST', {'run_id': run_id, 'status': 'FINISHED'})
        return run_id

manager = Manager("NAMESPACE")
run_id = manager.register(7, 'xgboost')
run = manager.mlflow_api_call('mlflow/runs/get', 'GET', {'run_id': run_id})['run']
print(run['info']['status'], run['data']['params'], run['data']['metrics'][0]['value'])
manager.mlflow_api_call('mlflow/registered-models/create', 'POST', {'name': 'NAMESPACE'})
name = {'name': 'NAMESPACE'}
print(manager.mlflow_api_call('mlflow/registered-models/get-latest-versions', 'GET', name))
"""
LIST = """
found = model_manager.mlflow_api_call('mlflow/experiments/list')
print(any(one['name'] == 'Default' for one in found['experiments']))
"""


@pytest.fixture
def say(stack, mlflow_url, unique, tmp_path):
    """Run a script that must succeed, with the document's settings, and return what it prints."""
    login = {"username": stack.username, "password": stack.password}
    (tmp_path / ".env").write_text(SETTINGS.format(server=mlflow_url, **login))
    folders = {"PENSTOCK_CACHE_DIR": "cache", "PENSTOCK_LOCAL_MODELS_DIR": "local"}

    def run(*parts: str) -> str:
        answer = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", "".join(parts).replace("NAMESPACE", unique)],
            cwd=tmp_path,
            env=clean_environment(**folders),
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )
        assert 0 == answer.returncode, answer.stderr
        return answer.stdout

    return run


def test_the_life_of_a_model(say, unique):
    """It is registered, found, asked about, loaded and deleted."""
    assert (
        f"models:/{unique}-station-1-xgboost/1 READY\n"
        "Model source: mlflow\nModel version: 1\n[0.4]\nTrue\nNone\n"
    ) == say(TRAINING, LIFECYCLE)


def test_the_calls_of_the_interface(say):
    """Each endpoint that the document lists."""
    assert "FINISHED [{'key': 'depth', 'value': '3'}] 0.25\n{}\n" == say(TRAINING, CALLS)


def test_the_endpoint_that_mlflow_has_dropped(say, mlflow_url, stack):
    """The gateway answers it; a stock server does not."""
    if mlflow_url == stack.gateway_url:
        assert "True\n" == say(TRAINING, LIST)
        return
    with MlflowClient(mlflow_url) as client, pytest.raises(PenstockError):
        client.mlflow_api_call("mlflow/experiments/list")
