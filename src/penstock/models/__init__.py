"""Models: save, load and register them; a cache and fallbacks keep them at hand.

The public names are imported when first used.
"""

from typing import TYPE_CHECKING

from penstock.lazy_names import lazy_names

if TYPE_CHECKING:
    from penstock.errors import ModelUnavailable as ModelUnavailable
    from penstock.models.loaded import load_model as load_model
    from penstock.models.loaded_model import LoadedModel as LoadedModel
    from penstock.models.manager import ModelManager as ModelManager
    from penstock.models.mlmodel import MlModel as MlModel
    from penstock.models.mlmodel import read_mlmodel as read_mlmodel
    from penstock.models.registration import RegisteredVersion as RegisteredVersion
    from penstock.models.registration import register_version as register_version
    from penstock.models.saved import save_model as save_model
    from penstock.models.upload import UploadedModel as UploadedModel
    from penstock.models.upload import upload_model as upload_model
    from penstock.models.upload import upload_saved_model as upload_saved_model

_HOMES = {
    "LoadedModel": "penstock.models.loaded_model",
    "MlModel": "penstock.models.mlmodel",
    "ModelManager": "penstock.models.manager",
    "ModelUnavailable": "penstock.errors",
    "RegisteredVersion": "penstock.models.registration",
    "UploadedModel": "penstock.models.upload",
    "load_model": "penstock.models.loaded",
    "read_mlmodel": "penstock.models.mlmodel",
    "register_version": "penstock.models.registration",
    "save_model": "penstock.models.saved",
    "upload_model": "penstock.models.upload",
    "upload_saved_model": "penstock.models.upload",
}

__all__ = [
    "LoadedModel",
    "MlModel",
    "ModelManager",
    "ModelUnavailable",
    "RegisteredVersion",
    "UploadedModel",
    "load_model",
    "read_mlmodel",
    "register_version",
    "save_model",
    "upload_model",
    "upload_saved_model",
]


__getattr__, __dir__ = lazy_names(__name__, _HOMES)
