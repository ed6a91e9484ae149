"""Models of PyTorch are saved, loaded, and predict as before."""

import json

import pytest

from services.torch_environment import make_torch_environment, says

PROGRAM = """
import json, sys
import numpy, torch
from penstock.models import load_model, read_mlmodel, save_model

class Doubling(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def forward(self, rows):
        return self.layer(rows) * 2

model, rows = Doubling().eval(), numpy.ones((3, 2), dtype=numpy.float32)
tensor = torch.from_numpy(rows)
save_model(model, sys.argv[1], pip_requirements=["mlflow", "torch"], **json.loads(sys.argv[2]))
with torch.no_grad():
    wanted = model(tensor).numpy().ravel().tolist()
    native = load_model(sys.argv[1], flavour="native")(tensor).numpy().ravel().tolist()
print(json.dumps({
    "flavours": list(read_mlmodel(sys.argv[1]).flavours),
    "wanted": wanted,
    "native": native,
    "pyfunc": numpy.asarray(load_model(sys.argv[1]).predict(rows)).ravel().tolist(),
}))
"""


@pytest.mark.timeout(900)
def test_a_module_predicts_as_before(tmp_path):
    """Its flavour is found from its base class; as itself, and in MLflow's wrapper."""
    options = json.dumps({"serialization_format": "pickle"})
    told = json.loads(
        says(make_torch_environment(), PROGRAM, str(tmp_path / "model"), options).splitlines()[-1]
    )
    assert ["python_function", "pytorch"] == sorted(told["flavours"])
    assert told["wanted"] == pytest.approx(told["native"])
    assert told["wanted"] == pytest.approx(told["pyfunc"])
