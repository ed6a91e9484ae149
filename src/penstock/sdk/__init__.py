"""The short way for notebooks: connect, log a model, register it, deploy its URI."""

from penstock.sdk.connection import connect
from penstock.sdk.logging import log_model
from penstock.sdk.uris import model_uri, register_model

__all__ = ["connect", "log_model", "model_uri", "register_model"]
