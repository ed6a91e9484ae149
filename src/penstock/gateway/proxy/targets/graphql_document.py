"""What a GraphQL document touches, field by field. Pure.

MLflow's pages ask for runs, experiments and metrics by GraphQL. Each root field that is known
here has its targets; all else (unknown fields, fragments, aliases, introspection) is for
administrators.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    VariableNode,
    parse,
)

from penstock.errors import RequestRefused
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import get_field, invalid, missing, object_member
from penstock.gateway.proxy.targets.finder import READ, references, reserved
from penstock.gateway.proxy.targets.runs import agreed_run_id

MAX_TOKENS = 4000
MAX_DEPTH = 10

Input = Mapping[str, Any]


def find_references(call: Call) -> Iterator[Reference]:
    """Yield what a document touches. Raises RequestRefused (400) for one that is none."""
    text = get_field(call, "query")
    try:
        document = parse(text, no_location=True, max_tokens=MAX_TOKENS)
    except (GraphQLError, RecursionError) as error:
        raise RequestRefused(400, "BAD_REQUEST", "the query is not GraphQL") from error
    operation, *others = document.definitions
    if others or not isinstance(operation, OperationDefinitionNode):
        yield reserved("a GraphQL document of several definitions")
    elif operation.operation is OperationType.SUBSCRIPTION:
        yield reserved("a GraphQL subscription")
    else:
        yield from _find_roots(operation, object_member(call.document or {}, "variables"))


def _find_roots(operation: OperationDefinitionNode, given: Input) -> Iterator[Reference]:
    variables = {
        one.variable.name.value: _value(one.default_value, {})
        for one in operation.variable_definitions
        if one.default_value is not None
    } | dict(given)
    for field in _fields(operation.selection_set):
        if field is None:
            yield reserved("a GraphQL fragment or alias")
        elif find := _ROOTS.get(field.name.value):
            yield from find(_input(field, variables))
            yield from _find_below(field)
        elif field.name.value != "__typename":
            yield reserved(f"the GraphQL field '{field.name.value}'")


def _find_below(root: FieldNode) -> Iterator[Reference]:
    """Refuse what hides a field below a root; the answer is sifted by the names of its fields."""
    stack = [(root, 1)]
    while stack:
        node, depth = stack.pop()
        for field in _fields(node.selection_set):
            if field is None or depth > MAX_DEPTH:
                yield reserved("a GraphQL fragment or alias, or a query so deep")
                return
            stack.append((field, depth + 1))


def _fields(selections: SelectionSetNode | None) -> Iterator[FieldNode | None]:
    """Return the fields of a selection, and None for whatever is no plain field."""
    for node in selections.selections if selections else ():
        yield node if isinstance(node, FieldNode) and node.alias is None else None


def _input(field: FieldNode, variables: Input) -> Input:
    for argument in field.arguments:
        if argument.name.value == "input":
            value = _value(argument.value, variables)
            if isinstance(value, dict):
                return value
    return {}


def _value(node: ValueNode, variables: Input) -> Any:  # noqa: ANN401 - a value of JSON
    if isinstance(node, VariableNode):
        return variables.get(node.name.value)
    if isinstance(node, StringValueNode):
        return node.value
    if isinstance(node, ListValueNode):
        return [_value(one, variables) for one in node.values]
    if isinstance(node, ObjectValueNode):
        return {one.name.value: _value(one.value, variables) for one in node.fields}
    # Neither a number nor an enumeration is an identifier; GraphQL takes neither for a string.
    return None if isinstance(node, NullValueNode) else 0


def _one(given: Input, name: str) -> str | None:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(name, "must be a string")
    return value or None


def _many(given: Input, name: str) -> list[str]:
    value = given.get(name)
    # GraphQL takes a single value for a list of one.
    values = [one for one in (value if isinstance(value, list) else [value]) if one]
    if not values:
        raise missing(name)
    if not all(isinstance(one, str) for one in values):
        raise invalid(name, "must be a list of strings")
    return values


def _experiment(given: Input) -> Iterable[Reference]:
    experiment_id = _one(given, "experimentId")
    if experiment_id is None:
        raise missing("experimentId")
    return references(Named.EXPERIMENT, [experiment_id], READ)


def _run(given: Input) -> Iterable[Reference]:
    run_id = agreed_run_id(_one(given, "runId"), _one(given, "runUuid"))
    return references(Named.RUN, [run_id], READ)


def _runs(given: Input) -> Iterable[Reference]:
    return references(Named.RUN, _many(given, "runIds"), READ)


def _experiments(given: Input) -> Iterable[Reference]:
    return references(Named.EXPERIMENT, _many(given, "experimentIds"), READ)


_ROOTS: Mapping[str, Callable[[Input], Iterable[Reference]]] = {
    "mlflowGetExperiment": _experiment,
    "mlflowGetRun": _run,
    "mlflowListArtifacts": _run,
    "mlflowGetMetricHistoryBulkInterval": _runs,
    "mlflowSearchRuns": _experiments,
    "mlflowSearchDatasets": _experiments,
}
