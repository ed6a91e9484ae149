"""The framework lolpop in an environment of its own, which is kept."""

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
PROJECT: Final = ROOT / "tests" / "services" / "lolpop" / "project"
_UV: Final = ROOT / ".venv" / "bin" / "uv"
_LOLPOP: Final = "lolpop==0.2.0"
_BESIDE: Final = ("omegaconf==2.2.3", "antlr4-python3-runtime==4.9.3", "anytree", "colorama")
_OURS: Final = ("mlflow", "pandas", "scikit-learn", "typer")


def make_environment() -> Path:
    """Make the environment once, and return its Python.

    lolpop pins packages of its time; what of them it really needs is installed beside it, and
    everything else in the versions of this project.
    """
    environment = ROOT / ".venvs" / "lolpop"
    python, stamp = environment / "bin" / "python", environment / ".set-up"
    constraints = ROOT / "constraints.txt"
    if not stamp.exists() or stamp.stat().st_mtime < constraints.stat().st_mtime:
        uv = [str(_UV), "--quiet"]
        subprocess.run(
            [*uv, "venv", "--clear", "--python", sys.executable, environment], check=True
        )
        install = [*uv, "pip", "install", "--python", str(python)]
        subprocess.run([*install, "--no-deps", _LOLPOP], check=True)
        pinned = ["--constraint", str(constraints), "--editable", str(ROOT)]
        subprocess.run([*install, *pinned, *_BESIDE, *_OURS], check=True)
        stamp.touch()
    return python
