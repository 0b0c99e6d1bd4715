"""Writes the tables of an evaluation into a document, between marks with their names:

    <!-- table: methods -->
    ...
    <!-- end -->

Text outside of the marks does not change.

    tools/leaderboard/write_document.py build/leaderboard/leaderboard.json docs/leaderboard.md
"""

import argparse
import json
import os
import pathlib
import re
import sys

FORMAT = "whyclip evaluation 1"
SHOWN = ("srg", "srg-mean", "part-shapley", "energy", "pointing-game", "miou", "grid-pointing-game", "max-sensitivity",
         "cascading-randomisation")
COMPARED = ("srg", "srg-mean", "srg-blur", "srg-black", "srg-road", "sensitivity-n", "infidelity", "part-shapley", "energy",
            "pointing-game", "miou", "grid-pointing-game", "max-sensitivity", "cascading-randomisation")
# Results of a prototype on 40 drawings of two things: energy inside of the thing, pointing game, deletion.
PROTOTYPE = {"contributions": (0.490, 0.75, 4.99), "occlusion": (0.389, 0.73, 6.66), "gae": (0.369, 0.63, 6.03),
             "legrad": (0.158, 0.83, 5.09), "rollout": (0.180, 0.45, 8.47), "input-x-gradient": (0.157, 0.40, 10.40),
             "random": (0.086, 0.10, 11.24)}
PROTOTYPE_METRICS = ("energy", "pointing-game", "deletion")


class DocumentError(Exception):
    """An error in the evaluation or the document."""


class Board:
    """The content of leaderboard.json."""

    def __init__(self, content):
        if content.get("format") != FORMAT:
            raise DocumentError(f"expected the format “{FORMAT}”, got “{content.get('format')}”")
        self.settings = dict(content["settings"])
        self.notes = content["notes"]
        self.columns = {column["name"]: column for column in content["metrics"]}
        self.methods = sorted(content["methods"], key=lambda method: method["rank"])
        self.agreement = content["agreement"]

    def column(self, name):
        if name not in self.columns:
            raise DocumentError(f"the evaluation has no metric {name}")
        return self.columns[name]

    def method(self, name):
        return next((method for method in self.methods if method["name"] == name), None)

    def measured(self, method, metric):
        """The value of a method for a metric, with its interval."""
        return method["values"][list(self.columns).index(self.column(metric)["name"])]

    def arrow(self, name):
        column = self.column(name)
        return "" if not column["ranked"] else " ↑" if column["higher_is_better"] else " ↓"

    def agreement_of(self, a, b):
        names = list(self.columns)
        return self.agreement[names.index(a)][names.index(b)]

    def better(self, name, a, b):
        """Whether the value a is better than b for this metric."""
        return a > b if self.column(name)["higher_is_better"] else a < b


def number(value):
    return "–" if value is None else f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def cell(measured):
    if measured["value"] is None:
        return "–"
    return f"{number(measured['value'])} <sub>{number(measured['low'])} … {number(measured['high'])}</sub>"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def settings_table(board):
    rows = [(name, value if len(value) < 200 else f"{value.count(',') + 1} entries")
            for name, value in board.settings.items()]
    return table(("", ""), rows)


def methods_table(board):
    """All methods by mean rank; baselines are in italics."""
    head = ["", "method", "family", "mean rank"] + [name + board.arrow(name) for name in SHOWN] + ["s / image"]
    rows = []
    for position, method in enumerate(board.methods, 1):
        name = f"*{method['name']}*" if method["baseline"] else f"`{method['name']}`"
        if method["settings"]:
            name += f"<br><sub>{method['settings']}</sub>"
        mean = "–" if method["mean_rank"] is None else f"{method['mean_rank']:.1f}"
        rows.append([str(position), name, method["family"], mean] + [cell(board.measured(method, metric)) for metric in SHOWN]
                    + [f"{method['seconds']:.3f}"])
    return table(head, rows)


def prototype_table(board):
    """The results of the prototype and of this evaluation."""
    head = ["method"] + [f"{name}{board.arrow(name)}{which}"
                         for name in PROTOTYPE_METRICS for which in (", prototype", ", whyclip")]
    rows = []
    for name, values in PROTOTYPE.items():
        method = board.method(name)
        row = [f"`{name}`"]
        for metric, before in zip(PROTOTYPE_METRICS, values):
            row += [number(before), cell(board.measured(method, metric)) if method else "–"]
        rows.append(row)
    return table(head, rows)


def best_table(board):
    """For every ranked metric the best methods, the worst, and the number that is surely better than a random map."""
    rows = []
    for name, column in board.columns.items():
        if not column["ranked"]:
            continue
        measured = [(method["name"], board.measured(method, name)) for method in board.methods
                    if not method["baseline"] and board.measured(method, name)["value"] is not None]
        measured.sort(key=lambda pair: pair[1]["value"], reverse=column["higher_is_better"])
        if not measured:
            continue
        best = ", ".join(f"{method} {number(value['value'])}" for method, value in measured[:3])
        worst = f"{measured[-1][0]} {number(measured[-1][1]['value'])}"
        rows.append((f"`{name}`{board.arrow(name)}", best, worst, baseline_cell(board, name, "random"),
                     baseline_cell(board, name, "centred-gaussian"), surely_better(board, name, measured)))
    return table(("metric", "best", "worst", "random", "centred Gaussian", "surely better than random"), rows)


def baseline_cell(board, metric, name):
    baseline = board.method(name)
    return number(board.measured(baseline, metric)["value"]) if baseline else "–"


def surely_better(board, metric, measured):
    """The number of methods whose whole interval is better than the random map's whole interval."""
    random = board.method("random")
    if random is None or board.measured(random, metric)["value"] is None:
        return "–"
    own = board.measured(random, metric)
    higher = board.column(metric)["higher_is_better"]
    near, far = ("low", "high") if higher else ("high", "low")
    count = sum(board.better(metric, value[near], own[far]) for _, value in measured)
    return f"{count} of {len(measured)}"


def agreement_table(board):
    rows = []
    for a in COMPARED:
        values = [board.agreement_of(a, b) for b in COMPARED]
        rows.append([f"`{a}`"] + ["" if value is None else f"{value:.2f}" for value in values])
    return table(["" ] + [f"{name}" for name in COMPARED], rows)


def notes_list(board):
    return "\n".join(f"- {note}" for note in board.notes)


TABLES = {"settings": settings_table, "methods": methods_table, "prototype": prototype_table, "best": best_table,
          "agreement": agreement_table, "notes": notes_list}
MARKS = re.compile(r"(<!-- table: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def fill(document, board):
    """The document with new tables."""
    def replaced(found):
        if found[2] not in TABLES:
            raise DocumentError(f"unknown table “{found[2]}”; expected one of {', '.join(TABLES)}")
        return f"{found[1]}{TABLES[found[2]](board)}\n{found[3]}"

    if not MARKS.search(document):
        raise DocumentError("the document has no mark like <!-- table: methods --> … <!-- end -->")
    return MARKS.sub(replaced, document)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("leaderboard", type=pathlib.Path, help="leaderboard.json of whyclip evaluate")
    parser.add_argument("document", type=pathlib.Path, help="the document; changed in place")
    options = parser.parse_args(arguments)
    try:
        board = Board(json.loads(options.leaderboard.read_text(encoding="utf-8")))
        text = fill(options.document.read_text(encoding="utf-8"), board)
        # Written to a temporary file and then moved: if the disk is full, the old document remains.
        fresh = options.document.with_name(options.document.name + ".new")
        fresh.write_text(text, encoding="utf-8")
        os.replace(fresh, options.document)
    except (OSError, ValueError, KeyError, DocumentError) as error:
        sys.exit(f"write_document: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
