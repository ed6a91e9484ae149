"""The image that a service runs in. Pure."""

from collections.abc import Sequence
from typing import Final

from penstock.deployments.manifests.plan import PORT, USER_ID

PYTHON: Final = "3.11"
REQUIREMENTS: Final = "requirements.txt"


def dockerfile(*, version: str, python: str = PYTHON) -> str:
    """Return a Dockerfile: Penstock of a version, what the model needs, and no rights."""
    return f"""\
FROM python:{python}-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MLFLOW_DISABLE_TELEMETRY=true

WORKDIR /srv
COPY {REQUIREMENTS} ./
RUN pip install --no-cache-dir "penstock[serving,mlflow]=={version}" -r {REQUIREMENTS}

RUN useradd --uid {USER_ID} --user-group --no-create-home --shell /usr/sbin/nologin penstock
USER {USER_ID}:{USER_ID}

EXPOSE {PORT}
ENTRYPOINT ["penstock"]
CMD ["serve", "--help"]
"""


def requirements_text(requirements: Sequence[str]) -> str:
    """Return the file of what a model needs."""
    return "".join(f"{one}\n" for one in requirements)
