"""Runs of a rollout with small models, saved without what takes seconds."""

import uuid
from collections import Counter

import numpy as np
from sklearn.dummy import DummyClassifier

from penstock.models import register_version, upload_model
from penstock.rollout.filters import VERSION_PARAMS
from penstock.rollout.scope import Scope
from penstock.rollout.store import find_store
from penstock.semver import SemVer

BODY = {"inputs": [[1.0, 2.0]]}
"""What the models take."""


def make_scope(client):
    """Return the scope of a new experiment."""
    name = f"serving-{uuid.uuid4().hex[:8]}"
    return Scope(client.create_experiment(name), name, SemVer(1, 4, 0))


def constant(number):
    """Return a model that always answers a number from 0 to 2."""
    model = DummyClassifier(strategy="constant", constant=number)
    return model.fit(np.zeros((3, 2)), [0, 1, 2])


def save_run(client, scope, model, *, signature=None):
    """Save a run as `save_model` does, but without finding out what it requires."""
    run_id = client.create_run(scope.experiment_id).info.run_id
    values = (scope.submodel_name, *map(str, (scope.version.major, scope.version.minor, 0)))
    for name, value in zip(VERSION_PARAMS, values, strict=True):
        client.log_param(run_id, name, value)
    made = upload_model(
        client, run_id, model, pip_requirements=["scikit-learn"], signature=signature
    )
    register_version(client, scope.submodel_name, source=made.model_uri, run_id=run_id)
    find_store(client).declare_new(scope, run_id)
    client.set_terminated(run_id)
    return run_id


def answers(serve, count=60, *, body=None):
    """Return who answered how often; every answer must be the one of its run."""
    found = Counter()
    for _ in range(count):
        answer = serve.ask("/invocations", body or BODY)
        assert 200 == answer.status, answer.body
        found[answer.headers["x-penstock-run"], answer.json()["predictions"][0]] += 1
    return found
