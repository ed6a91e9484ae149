"""Run the unit tests on each supported Python of this machine but the one of `.venv`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

SUPPORTED = ("3.11", "3.12", "3.13")
ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".venv" / "bin" / "uv"


def find_python(version: str) -> str | None:
    """Return an interpreter of that version that really starts, or None."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which(f"python{version}")]
    candidates += [str(path) for path in sorted(pyenv.glob(f"{version}.*/bin/python3"))]
    return next((path for path in candidates if path and _starts_as(path, version)), None)


def _starts_as(python: str, version: str) -> bool:
    probe = "import sys; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == version


def make_environment(version: str, python: str) -> Path:
    """Make, or bring up to date, the environment of one version and return its interpreter."""
    environment = ROOT / ".venvs" / version
    interpreter = environment / "bin" / "python"
    stamp = environment / ".set-up"
    pins = [ROOT / "pyproject.toml", ROOT / "constraints.txt"]
    if stamp.exists() and all(stamp.stat().st_mtime >= pin.stat().st_mtime for pin in pins):
        return interpreter
    run = [str(UV), "--quiet"]
    subprocess.run([*run, "venv", "--clear", "--python", python, str(environment)], check=True)
    install = ["pip", "install", "--python", str(interpreter), "--constraint", "constraints.txt"]
    subprocess.run(
        [*run, *install, "--group", "unit", "--editable", ".[server,oidc,pandas,openlineage]"],
        check=True,
        cwd=ROOT,
    )
    stamp.touch()
    return interpreter


def main() -> int:
    """Test on every other Python found; fail if one of them fails."""
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    failed = []
    for version in (version for version in SUPPORTED if version != own):
        python = find_python(version)
        if python is None:
            print(f"Python {version}: not on this machine, unit tests not run on it", flush=True)
            continue
        print(f"Python {version}: unit tests", flush=True)
        interpreter = make_environment(version, python)
        command = [str(interpreter), "-m", "pytest", "tests/unit", "-q", "-p", "no:cacheprovider"]
        if subprocess.run(command, check=False, cwd=ROOT).returncode != 0:
            failed.append(version)
    if failed:
        print(f"unit tests failed on Python {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
