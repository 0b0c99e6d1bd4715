#!/usr/bin/env python3
"""Validates what every command prints with --json against docs/schema.

validate.py WHYCLIP REPOSITORY
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import jsonschema

EVALUATION = tempfile.TemporaryDirectory()

IMAGE = "examples/pictures/cat_and_dog.jpg"
# (kind of result, arguments)
COMMANDS = [
    ("classification", ["classify", IMAGE, "-t", "simple", "--json"]),
    ("classification", ["classify", IMAGE, "examples/pictures", "-p", "a cat", "-p", "a dog", "--top", "1", "--json"]),
    ("explanation", ["explain", IMAGE, "--json"]),
    ("explanation", ["explain", IMAGE, "--method", "gae", "--certify", "--json"]),
    ("explanation", ["explain", IMAGE, "--feature", "3", "--method", "globenc", "--json"]),
    ("explanation", ["ledger", IMAGE, "--words", "--interaction", "--regions", "blocks:2x2", "-t", "simple", "--json"]),
    ("inspection", ["inspect", IMAGE, "-t", "simple", "--class", "cat", "--versus", "others", "--json"]),
    ("model", ["model", "info", "--json"]),
    ("models", ["model", "list", "--json"]),
    ("regions", ["regions", IMAGE, "-t", "simple", "--json"]),
    ("regions", ["regions", IMAGE, "--feature", "92,98:0.5", "--method", "query-key", "--json"]),
    ("deoptimisation", ["deoptimise", IMAGE, "--json"]),
    ("deoptimisation", ["deoptimise", IMAGE, "--feature", "3", "--variable", "pixels", "--no-removal", "--json"]),
    ("tracing", ["tracing", IMAGE, "--mended-only", "--json"]),
    ("tracing", ["tracing", IMAGE, "--json"]),
    ("metrics", ["metrics", "--json"]),
    ("comparison", ["compare", IMAGE, "--methods", "contributions,gae,occlusion", "--json"]),
    ("comparison", ["compare", IMAGE, "--methods", "gae,exclip", "--words", "-p", "a cat", "--json"]),
    ("methods", ["methods", "--json"]),
    ("rules", ["rules", "--json"]),
    ("concepts", ["concepts", IMAGE, "--json"]),
    ("concepts", ["concepts", IMAGE, "--class", "cat", "-t", "simple", "--json"]),
    ("heads", ["heads", "bench/drawings", "--layers", "1", "--json"]),
    ("evaluation", ["evaluate", "datasets/toons", "--images", "2", "--mosaics", "0", "--methods", "gae", "--metrics",
                    "srg,miou,gini,completeness", "-t", "simple", "--out", EVALUATION.name, "--json"]),
    ("comparison", ["compare", IMAGE, "--methods", "contributions,gae,globenc", "--ledger", "--json"]),
    ("comparison", ["compare", IMAGE, "-p", "a cat.", "--methods", "gae,fixlip", "--words", "--no-removal",
                    "--regions", "blocks:2x2", "--json"]),
]


def main():
    command, repository = sys.argv[1], pathlib.Path(sys.argv[2])
    schemas = {path.stem: json.loads(path.read_text()) for path in (repository / "docs/schema").glob("*.json")}
    unseen = set(schemas) - {"removal"}  # of the server only: tests/server
    for kind, arguments in COMMANDS:
        quiet = [] if kind in ("methods", "metrics", "rules", "model", "models") else ["--quiet"]
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
