from typing import Any

from msgspec import field

from penstock.rest.entities._entity import Entity
from penstock.rest.entities.run_data import RunData
from penstock.rest.entities.run_info import RunInfo
from penstock.rest.entities.run_inputs import RunInputs
from penstock.rest.entities.run_outputs import RunOutputs


class Run(Entity, frozen=True):
    """A run as it was when it was read."""

    info: RunInfo
    data: RunData = field(default_factory=RunData)
    inputs: RunInputs = field(default_factory=RunInputs)
    outputs: RunOutputs = field(default_factory=RunOutputs)

    def to_dictionary(self) -> dict[str, Any]:
        """Return the parts as dictionaries, in the shape of MLflow's method of this name."""
        return {
            "info": dict(self.info),
            "data": self.data.to_dictionary(),
            "inputs": self.inputs.to_dictionary(),
            "outputs": self.outputs.to_dictionary(),
        }
