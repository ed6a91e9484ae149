"""Which runs stand beside one another in a rollout."""

import hashlib
import json
from dataclasses import dataclass

from penstock.semver import SemVer


@dataclass(frozen=True, slots=True)
class Scope:
    """The runs of one version of one submodel in an experiment; they share the traffic."""

    experiment_id: str
    submodel_name: str
    version: SemVer

    def __str__(self) -> str:
        return f"'{self.submodel_name}' {self.version} in experiment {self.experiment_id}"

    @property
    def key(self) -> str:
        """What tells the scope from the others of its experiment: 32 hexadecimal digits."""
        name = json.dumps([self.submodel_name, str(self.version)], ensure_ascii=True)
        return hashlib.sha256(name.encode()).hexdigest()[:32]
