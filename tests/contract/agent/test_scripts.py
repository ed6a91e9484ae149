"""The example scripts of the document, with only the import path and the address changed."""

import subprocess
import sys

import pytest
from sklearn.linear_model import LinearRegression

from penstock.agent import MLFlowAgent

FIRST = """
# Import necessary classes from your package
import mlflow
from penstock.agent import MLFlowClientModelAgent

def main():
    # Set the MLFlow tracking URI
    mlflow_tracking_uri = "SERVER"
    mlflow.set_tracking_uri(mlflow_tracking_uri)

    # Initialize the MLFlow client
    mlflow_client = MLFlowClientModelAgent()
    mlflow_client.init_mlflow_client()

    # Specify the model name and the stage you are interested in
    model_name = "Example_Model"
    model_stage = "Production"  # Can be "None", "Staging", "Production", or "Archived"

    # Fetch the latest version of the model at the specified stage
    try:
        model_version = mlflow_client.get_model_latest_version(model_name, model_stage)
        print(f"Latest version for {model_name} at stage {model_stage} is: {model_version}")
    except ValueError as e:
        print(f"Error: {e}")
        return

    # Compose the model URI for the latest version
    try:
        model_uri = mlflow_client.compose_model_uri(model_name, model_version)
        print(f"Model URI for version {model_version} of {model_name}: {model_uri}")
    except ValueError as e:
        print(f"Error: {e}")

if __name__ == "__main__":
    main()
"""
SECOND = """
import mlflow
import penstock.agent.client as mlflow_client

# Set the MLflow tracking URI
mlflow_client.MLFlowConfiguration.set_tracking_uri("SERVER")

# Create an MLFlowClient instance
client = mlflow_client.MLFlowClient()

# Retrieve model information
print(client.get_model_download_source_uri("Pytorch_Model", model_stage="Production"))

# Load a model from the specified URI
mlflow.set_tracking_uri("SERVER")
model_uri = "models:/Pytorch_Model/Production"
model = mlflow.sklearn.load_model(model_uri)
print(type(model).__name__)
"""
THIRD = """
import mlflow
from penstock.agent.client import MLFlowClientModelLoader

mlflow.set_tracking_uri("SERVER")
MLFlowClientModelLoader.init_mlflow_client()
download_uri = MLFlowClientModelLoader.get_download_model_uri(
    model_name="Pytorch_Model", model_stage="Production"
)
print(download_uri)
"""


def say(script, server):
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script.replace("SERVER", server)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert 0 == answer.returncode, answer.stderr
    return answer.stdout


@pytest.fixture
def models(agent):
    """The document's models, in production; a linear one stands for PyTorch's."""
    model = LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
    client = MLFlowAgent.init_mlflow_client()
    for name in ("Example_Model", "Pytorch_Model"):
        made = MLFlowAgent.register_model(model, name, pip_requirements=["mlflow"])
        client.transition_model_version_stage(name, made.version, "Production")
    return agent


def test_the_scripts_of_the_document(models):
    """The first, the second with a model that scikit-learn made, and the last."""
    first = say(FIRST, models)
    version = MLFlowAgent.get_model_latest_version("Example_Model", "Production")
    assert (
        f"Latest version for Example_Model at stage Production is: {version}\n"
        f"Model URI for version {version} of Example_Model: models:/Example_Model/{version}\n"
    ) == first
    source, kind = say(SECOND, models).splitlines()
    assert "LinearRegression" == kind
    assert f"{source}\n" == say(THIRD, models)
