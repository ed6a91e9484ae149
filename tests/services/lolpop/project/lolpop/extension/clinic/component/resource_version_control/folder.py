"""Versions of data and models as files, each named by the digest of what is in it."""

import hashlib
import pickle
from pathlib import Path

from lolpop.component.resource_version_control.base_resource_version_control import (
    BaseResourceVersionControl,
)


class FolderVersionControl(BaseResourceVersionControl):
    def version_data(self, dataset_version, data, *args, **kwargs):
        return self._keep(data)

    def get_data(self, dataset_version, vc_info, *args, **kwargs):
        return self._find(vc_info)

    def version_model(self, experiment, model, *args, **kwargs):
        return self._keep(model)

    def get_model(self, experiment, *args, **kwargs):
        return self._find(self.metadata_tracker.get_vc_info(experiment))

    def version_feature_transformer(self, experiment, transformer, *args, **kwargs):
        return self._keep(transformer)

    def get_feature_transformer(self, experiment, *args, **kwargs):
        key = "feature_transformer_hexsha"
        return self._find(self.metadata_tracker.get_vc_info(experiment, key=key))

    def _keep(self, thing):
        content = pickle.dumps(thing)
        digest = hashlib.sha1(content).hexdigest()
        file = Path(self._get_config("folder")) / digest
        file.write_bytes(content)
        return {"hexsha": digest, "uri": file.as_uri()}

    def _find(self, vc_info):
        file = Path(self._get_config("folder")) / vc_info["hexsha"]
        return pickle.loads(file.read_bytes())
