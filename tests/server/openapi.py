"""docs/openapi.json: which routes there are, and whether an answer is as it says."""
import functools
import json
import re

import jsonschema

import served

DOCS = served.REPOSITORY / "docs"
DOCUMENT = json.loads((DOCS / "openapi.json").read_text())
Validator = jsonschema.Draft202012Validator


@functools.cache
def result_schema(reference):
    return json.loads((DOCS / reference).read_text())


def resolved(node):
    """A part of the document with its references replaced by what they name."""
    if isinstance(node, list):
        return [resolved(element) for element in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if reference is None:
        return {key: resolved(value) for key, value in node.items()}
    if not reference.startswith("#/"):
        return result_schema(reference)
    target = DOCUMENT
    for part in reference[2:].split("/"):
        target = target[part]
    return resolved(target)


def operations():
    """(method, path) of every documented route."""
    return {(method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item}


def operation(method, path):
    """The documented route of a request: its path in the document, and its description."""
    path = path.split("?")[0]
    for documented, item in DOCUMENT["paths"].items():
        pattern = re.sub(r"\\{[a-z]+\\}", "[^/]+", re.escape(documented))
        if re.fullmatch(pattern, path) and method.lower() in item:
            return documented, resolved(item[method.lower()])
    raise AssertionError(f"not documented: {method} {path}")


def check_answer(method, path, answer):
    """The status, the content type, the headers and the content of an answer are documented. Returns the path."""
    documented, description = operation(method, path)
    responses = description["responses"]
    assert str(answer.status) in responses, f"{method} {path} answered {answer.status}: {answer.body[:300]!r}"
    response = responses[str(answer.status)]
    for name in response.get("headers", {}):
        assert name in answer.headers, f"{path}: no header {name}"
    if not response.get("content"):
        assert answer.body == b""
        return documented
    kind = answer.headers["Content-Type"]
    assert kind in response["content"], f"{path}: {kind}"
    if "json" in kind:
        Validator(response["content"][kind]["schema"]).validate(answer.json())
    return documented


def check_body(method, path, body):
    """The body of a request that was accepted is as documented."""
    _, description = operation(method, path)
    schema = description["requestBody"]["content"]["application/json"]["schema"]
    Validator(schema).validate(body)
