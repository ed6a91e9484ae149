"""What an export of spans by OpenTelemetry's protocol touches. Pure."""

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from penstock.errors import RequestRefused
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.json_body import parse_body
from penstock.gateway.proxy.targets.arguments import invalid, list_objects, missing
from penstock.gateway.proxy.targets.finder import EDIT, Finder, reserved
from penstock.gateway.proxy.targets.protobuf import messages, values
from penstock.gateway.proxy.targets.trace_tags import LOCATION_TAG, RESERVED_TAGS

MAX_BYTES = 64 * 1024 * 1024
"""Of an export, unpacked."""

TAG_ATTRIBUTE = "mlflow.tracetag."
"""An attribute of a root span that MLflow makes a tag of its trace."""

_TAG_ATTRIBUTES = frozenset(TAG_ATTRIBUTE + tag for tag in {LOCATION_TAG, *RESERVED_TAGS})
_CAMEL_CASE = {"resource_spans", "scope_spans", "trace_id"}


def _find(call: Call) -> Iterator[Reference]:
    experiment_id = _header(call, b"x-mlflow-experiment-id")
    if not experiment_id:
        raise missing("X-MLflow-Experiment-Id")
    yield Reference(Named.EXPERIMENT, experiment_id, EDIT)
    if run_id := _header(call, b"x-mlflow-run-id"):
        yield Reference(Named.RUN, run_id, EDIT)
    body = _unpacked(call.body or b"", _header(call, b"content-encoding"))
    is_json = _header(call, b"content-type").split(";")[0].strip() == "application/json"
    trace_ids, has_reserved = _read_json(body) if is_json else _read_protobuf(body)
    # MLflow adds the spans to a trace of this id that there is already, in any experiment.
    for trace_id in trace_ids:
        number = int.from_bytes(trace_id, "big")
        yield Reference(Named.NEW_TRACE, f"tr-{number:032x}", EDIT)
    if has_reserved:
        yield reserved("a span's attribute that moves its trace's files")


def _read_protobuf(body: bytes) -> tuple[Iterable[bytes], bool]:
    """Return the trace ids of an ExportTraceServiceRequest, and whether a tag is reserved."""
    spans = messages(body, 1, 2, 2)
    trace_ids = dict.fromkeys(one for span in spans for one in values(span, 1))
    lower = body.lower()
    return trace_ids, any(name.encode() in lower for name in _TAG_ATTRIBUTES)


def _read_json(body: bytes) -> tuple[Iterable[bytes], bool]:
    spans = [
        span
        for resource in _objects(parse_body(body), "resourceSpans")
        for scope in _objects(resource, "scopeSpans")
        for span in _objects(scope, "spans")
    ]
    names = {
        str(attribute.get("key")).strip().lower()
        for span in spans
        for attribute in list_objects(span, "attributes")
    }
    trace_ids = dict.fromkeys(_trace_id(span) for span in spans)
    return trace_ids, not _TAG_ATTRIBUTES.isdisjoint(names)


def _objects(document: Mapping[str, Any], name: str) -> Iterable[Mapping[str, Any]]:
    # MLflow reads the other spelling too, but then decodes the ids below it differently.
    if wrong := _CAMEL_CASE & document.keys():
        raise invalid(wrong.pop(), "must be spelled in camel case")
    return list_objects(document, name)


def _trace_id(span: Mapping[str, Any]) -> bytes:
    if "trace_id" in span:
        raise invalid("trace_id", "must be spelled in camel case")
    try:
        return bytes.fromhex(span.get("traceId") or "")
    except (ValueError, TypeError) as error:
        raise invalid("traceId", "must be hexadecimal") from error


def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding in {"", "identity"}:
        return body
    try:
        if encoding.lower() == "gzip":
            with gzip.open(io.BytesIO(body)) as stream:
                unpacked = stream.read(MAX_BYTES + 1)
        elif encoding.lower() == "deflate":
            unpacked = _inflated(body)
        else:
            raise RequestRefused(415, "BAD_REQUEST", "spans are taken plain, gzip or deflate")
    except (OSError, EOFError, zlib.error) as error:
        raise RequestRefused(400, "BAD_REQUEST", "the spans cannot be unpacked") from error
    if len(unpacked) > MAX_BYTES:
        raise RequestRefused(413, "BAD_REQUEST", f"the spans are larger than {MAX_BYTES} bytes")
    return unpacked


def _inflated(body: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(body, MAX_BYTES + 1)
    except zlib.error:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, MAX_BYTES + 1)


def _header(call: Call, name: bytes) -> str:
    found = [value for key, value in call.headers if key == name]
    if len(found) > 1:
        raise RequestRefused(400, "BAD_REQUEST", f"{name.decode()} is given more than once")
    return found[0].decode("latin-1").strip(" \t") if found else ""


exported_spans = Finder(
    "EDIT on the experiment and run of the headers, and on each trace that there is already", _find
)
