#!/usr/bin/env python3
"""Checks that the library's folders include each other only in the directions that ARCHITECTURE.md draws,
that the command line sees public headers only, and that public headers show no third-party type."""
import pathlib
import re
import sys

# folder: the folders it may include, besides itself
ALLOWED = {
    "core": set(),
    "io": {"core"},
    "image": {"core", "io"},
    "dataset": {"core", "io", "image"},
    "text": {"core", "io"},
    "ops": {"core"},
    "model": {"core", "io", "image", "text", "ops"},
    "rules": {"core", "io", "ops"},
    "render": {"core", "image"},
}
# What stands above the model, floor by floor: each folder may include all before it.
BASE = ["core", "io", "image", "text", "ops", "model", "rules", "top"]
FLOORS = ["attribution", "perturbation", "article", "methods", "metrics"]
for number, folder in enumerate(FLOORS):
    ALLOWED[folder] = set(BASE + FLOORS[:number])
ALLOWED["evaluation"] = set(BASE + FLOORS + ["dataset", "render"])
# clip.h and zero_shot.h, which join the folders; whyclip.h names them all
ALLOWED["top"] = {"core", "io", "image", "text", "ops", "model"}
# Headers of ours that show a library which users of whyclip need not have.
INTERNAL = {"whyclip/io/json.h", "whyclip/evaluation/result_json.h", "whyclip/model/config_checks.h"}
STANDARD = re.compile(r"#include <[a-z_0-9]+>$|#include <(sys/)?[a-z_]+\.h>$")
INCLUDE = re.compile(r'^#include ["<]whyclip/([^">]+)[">]', re.MULTILINE)


def folder_of(path):
    parts = pathlib.PurePath(path).parts
    return parts[0] if len(parts) > 1 else "top"


def check_folders(root):
    for file in sorted((root / "whyclip").rglob("*")):
        if file.suffix not in (".h", ".cpp"):
            continue
        here = file.relative_to(root / "whyclip")
        if str(here) == "whyclip.h":
            continue
        for target in INCLUDE.findall(file.read_text()):
            there = folder_of(target)
            if there != folder_of(here) and there not in ALLOWED[folder_of(here)]:
                yield f"{file.relative_to(root)}: {folder_of(here)} must not include {there} ({target})"


def public_headers(root):
    """Every header that whyclip.h leads to."""
    seen, todo = set(), ["whyclip/whyclip.h"]
    while todo:
        header = todo.pop()
        if header in seen:
            continue
        seen.add(header)
        todo += ["whyclip/" + name for name in INCLUDE.findall((root / header).read_text())]
    return seen


def check_public(root):
    public = public_headers(root)
    for header in sorted(public):
        if header in INTERNAL:
            yield f"{header}: is internal, but whyclip.h leads to it"
        for line in (root / header).read_text().splitlines():
            if line.startswith("#include <") and not STANDARD.match(line):
                yield f"{header}: shows a third-party header ({line})"
    for folder in ("cli", "examples"):
        for file in sorted((root / folder).rglob("*.[hc]*")):
            if file.suffix not in (".h", ".cpp"):
                continue
            for target in INCLUDE.findall(file.read_text()):
                if "whyclip/" + target not in public:
                    yield f"{file.relative_to(root)}: sees more than public headers ({target})"


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    faults = list(check_folders(root)) + list(check_public(root))
    print("\n".join(faults) if faults else "includes: all in the allowed directions")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
