#!/usr/bin/env python3
"""Checks that the library's folders include each other only in the directions of ARCHITECTURE.md, that the command
line and the server include only public headers, that nothing but the command line includes the server, and that public
headers expose no third-party type."""
import pathlib
import re
import sys

# folder: the folders it may include, besides itself
ALLOWED = {
    "core": set(),
    "io": {"core"},
    "hub": {"core", "io"},
    "image": {"core", "io"},
    "dataset": {"core", "io", "image"},
    "text": {"core", "io"},
    "ops": {"core"},
    "model": {"core", "io", "image", "text", "ops"},
    "rules": {"core", "io", "ops"},
    "render": {"core", "image"},
}
# The layers above the model: each folder may include all previous ones.
BASE = ["core", "io", "image", "text", "ops", "model", "rules", "top"]
LAYERS = ["attribution", "perturbation", "methods", "metrics"]
for number, folder in enumerate(LAYERS):
    ALLOWED[folder] = set(BASE + LAYERS[:number])
# The article's own methods; the registry reaches them by a declaration in methods/families.h.
ALLOWED["article"] = set(BASE + ["attribution", "perturbation", "methods"])
ALLOWED["evaluation"] = set(BASE + LAYERS + ["dataset"])
# clip.h and zero_shot.h; whyclip.h includes all public headers
ALLOWED["top"] = {"core", "io", "image", "text", "ops", "model"}
# The calls (explain.h, …) and the JSON of their results form one layer; pages are made from results.
ALLOWED["calls"] = ALLOWED["results"] = set(BASE + LAYERS) | {"calls", "results", "article", "dataset", "evaluation", "render", "hub"}
ALLOWED["pages"] = ALLOWED["calls"]
# The headers that users include; what they include is public too.
PUBLIC = ["whyclip.h", "extend.h", "front_end.h", "article.h"]
# Headers that expose a library that users of whyclip do not need.
INTERNAL = {"whyclip/io/json.h", "whyclip/pages/plain_tables.h", "whyclip/evaluation/result_json.h", "whyclip/model/config_checks.h"}
STANDARD = re.compile(r"#include <[a-z_0-9]+>$|#include <(sys/)?[a-z_]+\.h>$")
INCLUDE = re.compile(r'^#include ["<]whyclip/([^">]+)[">]', re.MULTILINE)


def folder_of(path):
    path = pathlib.PurePath(path)
    if len(path.parts) > 1:
        return path.parts[0]
    return "top" if path.stem in ("clip", "zero_shot") else "calls"


def check_folders(root):
    for file in sorted((root / "whyclip").rglob("*")):
        if file.suffix not in (".h", ".cpp"):
            continue
        here = file.relative_to(root / "whyclip")
        if str(here) in PUBLIC:
            continue
        for target in INCLUDE.findall(file.read_text()):
            there = folder_of(target)
            if there != folder_of(here) and there not in ALLOWED[folder_of(here)]:
                yield f"{file.relative_to(root)}: {folder_of(here)} must not include {there} ({target})"


def public_headers(root):
    """All headers that the public ones include, directly or indirectly."""
    seen, todo = set(), ["whyclip/" + name for name in PUBLIC]
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
            yield f"{header}: is internal, but a public header includes it"
        for line in (root / header).read_text().splitlines():
            if line.startswith("#include <") and not STANDARD.match(line):
                yield f"{header}: includes a third-party header ({line})"
    for folder in ("cli", "server", "examples"):
        for file in sorted((root / folder).rglob("*.[hc]*")):
            if file.suffix not in (".h", ".cpp"):
                continue
            for target in INCLUDE.findall(file.read_text()):
                if "whyclip/" + target not in public:
                    yield f"{file.relative_to(root)}: includes a header that is not public ({target})"


def check_programs(root):
    """The server knows nothing of the command line, and the library knows neither."""
    for folder, others in (("whyclip", ("cli", "server")), ("server", ("cli",)), ("examples", ("cli", "server"))):
        for file in sorted((root / folder).rglob("*.[hc]*")):
            if file.suffix not in (".h", ".cpp"):
                continue
            for other in others:
                if f'#include "{other}/' in file.read_text():
                    yield f"{file.relative_to(root)}: must not include {other}/"


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    faults = [*check_folders(root), *check_public(root), *check_programs(root)]
    print("\n".join(faults) if faults else "includes: all in the allowed directions")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
