"""What calls about logged models touch. Pure."""

from collections.abc import Iterator

from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import find_field, invalid
from penstock.gateway.proxy.targets.experiments import experiment
from penstock.gateway.proxy.targets.finder import EDIT, READ, Finder, optional
from penstock.gateway.proxy.targets.owner_tag import owner_tag_of_path, owner_tags
from penstock.gateway.proxy.targets.protected import protected_path_tag, protected_tags


def logged_model(level: Level) -> Finder:
    """Find the logged model of the path; a body that names one must name the same."""

    def find(call: Call) -> Iterator[Reference]:
        model_id = call.parameters["model_id"]
        # MLflow finishes the model that the body names, not that of the path.
        if call.method != "GET" and find_field(call, "model_id") not in {None, model_id}:
            raise invalid("model_id", "names another logged model than the path")
        yield Reference(Named.LOGGED_MODEL, model_id, level)

    return Finder(f"{level.name} on the logged model of the path", find)


logged_model_creation = (
    experiment(EDIT) & optional(Named.RUN, "source_run_id", READ) & protected_tags
)
set_tags = logged_model(EDIT) & owner_tags & protected_tags
deleted_tag = logged_model(EDIT) & owner_tag_of_path & protected_path_tag
