"""JSON files, read with errors that name the file and written an image a line."""

import json


def read_json(path, *fields):
    """A JSON object that has the fields, or ValueError naming the file."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # no JSON, or no UTF-8
        raise ValueError(f"{path}: expected JSON, got {error}") from None
    for field in fields:
        if not isinstance(value, dict) or field not in value:
            raise ValueError(f"{path}: expected an object with \"{field}\", which is missing")
    return value


def write_images(head, images, path):
    """The head's fields, then "images", one a line."""
    lines = ",\n".join("  " + json.dumps(image) for image in images)
    text = json.dumps(head, indent=1)[:-2] + ',\n "images": [\n' + lines + "\n ]\n}\n"
    path.write_text(text, encoding="utf-8")
