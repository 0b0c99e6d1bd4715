#!/usr/bin/env python3
"""Validates what every command prints with --json against docs/schema.

validate.py WHYCLIP REPOSITORY
"""
import json
import pathlib
import subprocess
import sys

import jsonschema

IMAGE = "examples/pictures/cat_and_dog.jpg"
# (kind of result, arguments)
COMMANDS = [
    ("explanation", ["explain", IMAGE, "--json"]),
    ("explanation", ["explain", IMAGE, "--method", "gae", "--certify", "--json"]),
    ("explanation", ["explain", IMAGE, "--feature", "3", "--method", "globenc", "--json"]),
    ("explanation", ["ledger", IMAGE, "--words", "--interaction", "--regions", "blocks:2x2", "-t", "simple", "--json"]),
    ("comparison", ["compare", IMAGE, "--methods", "contributions,gae,globenc", "--ledger", "--json"]),
    ("comparison", ["compare", IMAGE, "-p", "a cat.", "--methods", "gae,fixlip", "--words", "--no-removal",
                    "--regions", "blocks:2x2", "--json"]),
    ("methods", ["methods", "--json"]),
    ("rules", ["rules", "--json"]),
]


def main():
    command, repository = sys.argv[1], pathlib.Path(sys.argv[2])
    schemas = {path.stem: json.loads(path.read_text()) for path in (repository / "docs/schema").glob("*.json")}
    unseen = set(schemas)
    for kind, arguments in COMMANDS:
        quiet = [] if kind in ("methods", "rules") else ["--quiet"]
        run = subprocess.run([command, *arguments, *quiet], cwd=repository, capture_output=True, check=True)
        result = json.loads(run.stdout)
        jsonschema.Draft202012Validator.check_schema(schemas[kind])
        jsonschema.validate(result, schemas[kind], cls=jsonschema.Draft202012Validator)
        unseen.discard(kind)
        print("valid:", kind, *arguments)
    if unseen:
        sys.exit(f"no command here prints: {', '.join(sorted(unseen))}")


if __name__ == "__main__":
    main()
