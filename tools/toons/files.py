"""Reads and writes JSON files; errors name the file."""

import json


def read_json(path, *fields):
    """Reads a JSON object with these fields. Raises ValueError naming the file."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # invalid JSON or UTF-8
        raise ValueError(f"{path}: expected JSON, got {error}") from None
    for field in fields:
        if not isinstance(value, dict) or field not in value:
            raise ValueError(f"{path}: expected an object with \"{field}\", which is missing")
    return value


def write_images(head, images, path):
    """Writes the head's fields and "images" with one image per line."""
    lines = ",\n".join("  " + json.dumps(image) for image in images)
    text = json.dumps(head, indent=1)[:-2] + ',\n "images": [\n' + lines + "\n ]\n}\n"
    path.write_text(text, encoding="utf-8")
