#!/usr/bin/env python3
"""Writes viewer/src/results.ts, the TypeScript types of all results, from docs/schema/*.json.

write_result_types.py SCHEMA_FOLDER TYPESCRIPT_FILE          writes the file
write_result_types.py --check SCHEMA_FOLDER TYPESCRIPT_FILE  fails if the file is not current
"""

import json
import pathlib
import sys

HEAD = """// Written by tools/write_result_types.py from docs/schema: do not edit.
"""
SCALARS = {"number": "number", "integer": "number", "string": "string", "boolean": "boolean", "null": "null"}


def type_of(schema, depth):
    """The TypeScript type of a JSON Schema, as far as docs/schema uses it."""
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(type_of(choice, depth) for choice in schema["anyOf"])
    kind = schema.get("type")
    if kind in SCALARS:
        return SCALARS[kind]
    if kind == "array":
        item = type_of(schema["items"], depth)
        if schema.get("minItems") == 2 and schema.get("maxItems") == 2:
            return f"[{item}, {item}]"
        return f"({item})[]" if " | " in item else f"{item}[]"
    if kind == "object" and "properties" in schema:
        return object_type(schema, depth)
    if kind == "object":
        return f"Record<string, {type_of(schema['additionalProperties'], depth)}>"
    raise ValueError(f"a schema of an unknown form: {schema}")


def object_type(schema, depth):
    inner = "  " * (depth + 1)
    required = set(schema.get("required", []))
    lines = []
    for name, field in schema["properties"].items():
        description = field.get("description")
        if description:
            lines.append(f"{inner}/** {description} */")
        lines.append(f"{inner}{name}{'' if name in required else '?'}: {type_of(field, depth + 1)};")
    return "{\n" + "\n".join(lines) + "\n" + "  " * depth + "}"


def types_text(folder):
    parts, kinds = [HEAD], []
    for path in sorted(folder.glob("*.json")):
        schema = json.loads(path.read_text())
        name = path.stem.capitalize()
        kinds.append(name)
        parts.append(f"\n/** {schema['title']} */\nexport interface {name} {object_type(schema, 0)}\n")
    parts.append("\nexport type Result =\n" + "\n".join(f"  | {kind}" for kind in kinds) + ";\n")
    return "".join(parts)


def main(arguments):
    check = arguments[:1] == ["--check"]
    folder, file = map(pathlib.Path, arguments[1:] if check else arguments)
    text = types_text(folder)
    if not check:
        file.write_text(text)
    elif file.read_text() != text:
        sys.exit(f"{file} is not current: run tools/write_result_types.py {folder} {file}")


if __name__ == "__main__":
    main(sys.argv[1:])
