#!/usr/bin/env bash
# Makes .venv with the project, its extras, the development tools and uv. Needs Python 3.11 or newer.
set -euo pipefail
cd "$(dirname "$0")/.."

is_new_enough() { "$1" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null; }

python=${PYTHON:-}
if [ -z "$python" ]; then
  for candidate in python3 python3.13 python3.12 python3.11 python; do
    if command -v "$candidate" >/dev/null && is_new_enough "$candidate"; then python=$candidate; break; fi
  done
fi
if [ -z "$python" ] || ! is_new_enough "$python"; then
  echo "setup: Penstock needs Python 3.11 or newer; install one, or name it: make setup PYTHON=/path/to/python3" >&2
  exit 1
fi

if ! [ -x .venv/bin/python ] || ! is_new_enough .venv/bin/python; then
  rm -rf .venv
  "$python" -m venv .venv || {
    echo "setup: '$python -m venv' failed; on Debian and Ubuntu install python3-venv" >&2
    exit 1
  }
fi

uv_pin=$(grep '^uv==' constraints.txt)
if ! .venv/bin/uv --version 2>/dev/null | grep -qF "${uv_pin#uv==}"; then
  .venv/bin/python -m pip install --quiet --disable-pip-version-check "$uv_pin"
fi
.venv/bin/uv pip install --quiet --python .venv/bin/python --constraint constraints.txt \
  --group dev --editable '.[all]'
touch .venv/.set-up
echo "setup: .venv is ready ($(.venv/bin/python --version))"
