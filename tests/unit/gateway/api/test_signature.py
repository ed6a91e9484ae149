import json

import pytest

from penstock.gateway.api.signature import NO_SIGNATURE, parse_signature, specification

COLUMNS = [{"type": "double", "name": "a: 'quoted', é", "required": True}]


def test_inputs_and_outputs_are_read_as_mlflow_writes_them():
    """JSON inside of YAML, folded over lines; what is missing is empty."""
    text = json.dumps(COLUMNS)
    content = f"flavors: {{}}\nsignature:\n  inputs: {json.dumps(text)}\n  outputs: null\n"
    found = parse_signature(content.encode())
    assert (COLUMNS, []) == (specification(found.inputs), specification(found.outputs))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"a: [broken",
        b"- a",
        b"signature: text",
        b"signature: [1]",
        b"signature: {inputs: 7}",
        b"signature: {inputs: 'no JSON'}",
        b"signature: {inputs: '{}'}",
        b"signature: {inputs: '[1]'}",
        b"signature: !!python/object/apply:os.getcwd []",
        b"a: 2026-99-99",
        b"[" * 5000,
        b"[" * 262_144,
        b"- " * 131_072,
        b"signature: {inputs: '" + b"[" * 5000 + b"'}",
        b"signature: {inputs: '" + b'[{"a": ' + b"[" * 500 + b"]" * 500 + b"}]'}",
        b"signature: {inputs: '" + rb'[{"name": "\ud800"}]' + b"'}",
        b"signature: &a {inputs: *a}",
    ],
)
def test_a_broken_file_has_no_signature(content):
    """It is somebody's own file: it may hold anything, and nothing of it is carried out."""
    assert NO_SIGNATURE == parse_signature(content)


def test_a_few_lines_do_not_become_millions():
    """What merges into what merges what merges: each line would be ten times the one before."""
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 20)]
    content = "\n".join([*lines, 'signature: {inputs: \'[{"type": "long"}]\'}'])
    assert [{"type": "long"}] == specification(parse_signature(content.encode()).inputs)


def test_texts_of_a_signature_are_texts():
    """Also where YAML would take them for something else."""
    found = parse_signature(b"signature: {inputs: null, outputs: [1]}")
    assert ("[]", "[]") == (found.inputs, found.outputs)
