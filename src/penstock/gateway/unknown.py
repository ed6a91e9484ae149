"""What is said of a thing that a caller may not see: what MLflow says where there is none. Pure."""

from penstock.errors import AccessRefused, RequestRefused
from penstock.gateway.permissions.reference import Named, Reference

_WORDS = {
    Named.EXPERIMENT: "No Experiment with id={} exists",
    Named.EXPERIMENT_NAME: "Could not find experiment with name '{}'",
    Named.RUN: "Run with id={} not found",
    Named.LOGGED_MODEL: "Logged model with ID '{}' not found.",
    Named.TRACE: "Trace with ID '{}' not found.",
    Named.NEW_TRACE: "Trace with ID '{}' not found.",
    Named.DATASET: "Evaluation dataset with id '{}' not found",
    Named.ISSUE: "Issue with ID '{}' not found",
    Named.LABEL_SCHEMA: "Label schema with id '{}' not found.",
    Named.REVIEW_QUEUE: "Review queue with id '{}' not found.",
    Named.REGISTERED_MODEL: "Registered Model with name={} not found",
}


def unknown(reference: Reference) -> RequestRefused:
    """Return the refusal for what there is not."""
    return RequestRefused(404, "RESOURCE_DOES_NOT_EXIST", _words(reference))


def hidden(reference: Reference) -> AccessRefused:
    """Return the refusal for what the caller may not see: the same, but for the audit."""
    return AccessRefused(404, "RESOURCE_DOES_NOT_EXIST", _words(reference), target=str(reference))


def _words(reference: Reference) -> str:
    words = _WORDS.get(reference.named, f"There is no {reference.named} '{{}}'")
    return words.format(reference.id)
