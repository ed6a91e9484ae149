"""PyTorch, in an environment of its own that is kept: it is larger than all else together."""

import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VERSION = "2.13.0"


def make_torch_environment() -> Path:
    """Make the environment once, on top of the project's own, and return its interpreter."""
    environment = ROOT / ".venvs" / f"torch-{VERSION}"
    python = environment / "bin" / "python"
    stamp = environment / ".set-up"
    if not stamp.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        place = says(python, "import sysconfig; print(sysconfig.get_path('purelib'))")
        # A plain path would leave out what the project's own environment names in such files.
        line = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
        Path(place, "project.pth").write_text(line, encoding="utf-8")
        pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        subprocess.run([*pip, f"torch=={VERSION}"], check=True)
        stamp.touch()
    return python


def says(python: Path, program: str, *arguments: str) -> str:
    """Return what a program writes."""
    return subprocess.run(
        [str(python), "-W", "ignore", "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    ).stdout.strip()
