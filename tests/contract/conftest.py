"""MLflow itself, imported once: it warns of its own code meanwhile."""

import importlib
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    importlib.import_module("mlflow.pyfunc")
