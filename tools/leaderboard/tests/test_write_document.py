"""The tables of docs/leaderboard.md for a small artificial evaluation."""

import json
import pathlib
import re
import sys

import pytest

TOOL = pathlib.Path(__file__).resolve().parents[1]
ROOT = TOOL.parents[1]
sys.path.insert(0, str(TOOL))

import write_document  # noqa: E402

NAMES = list(dict.fromkeys(write_document.SHOWN + write_document.COMPARED + write_document.PROTOTYPE_METRICS))


def measured(value, width=0.5):
    if value is None:
        return {"value": None, "low": None, "high": None, "images": 0, "reason": "it has none"}
    return {"value": value, "low": value - width, "high": value + width, "images": 3, "reason": ""}


def method(rank, name, value, baseline=False, settings=""):
    return {"name": name, "family": "gradient", "settings": settings, "baseline": baseline, "seconds": 0.25, "rank": rank,
            "mean_rank": 1.5, "values": [measured(value) for _ in NAMES]}


@pytest.fixture
def content():
    lower = {"deletion", "infidelity", "max-sensitivity", "cascading-randomisation"}
    metrics = [{"name": name, "category": "faithfulness", "description": "",
                "higher_is_better": name not in lower, "ranked": True}
               for name in NAMES]
    agreement = [[1.0 if a == b else 0.25 for b in NAMES] for a in NAMES]
    methods = [method(2, "occlusion", 5.25, settings="square=2"), method(1, "gae", 9.0),
               method(3, "random", 5.0, baseline=True)]
    return {"format": "whyclip evaluation 1", "headline": "Which?", "metrics": metrics, "methods": methods, "agreement": agreement, "curves": [],
            "settings": [["model", "toons"]], "notes": ["half done"]}


def board(content):
    return write_document.Board(content)


def test_methods_have_intervals_settings_and_a_position(content):
    text = write_document.methods_table(board(content))
    assert "| 1 | `gae` | gradient | 1.5 | 9.000 <sub>8.500 … 9.500</sub> |" in text
    assert "`occlusion`<br><sub>square=2</sub>" in text
    assert "*random*" in text


def test_a_missing_value_is_a_dash(content):
    content["methods"][1]["values"][NAMES.index("srg")] = measured(None)
    assert "| 1.5 | – | 9.000" in write_document.methods_table(board(content))


def test_surely_better_than_random_means_that_intervals_do_not_touch(content):
    text = write_document.best_table(board(content))
    assert "| `srg` ↑ | gae 9.000, occlusion 5.250 | occlusion 5.250 | 5.000 | – | 1 of 2 |" in text
    # Lower is better: the order is reversed, and no interval is below the random map's.
    assert "| `deletion` ↓ | occlusion 5.250, gae 9.000 | gae 9.000 | 5.000 | – | 0 of 2 |" in text


def test_prototype_values_are_shown(content):
    text = write_document.prototype_table(board(content))
    assert "| `gae` | 0.369 | 9.000 <sub>8.500 … 9.500</sub> | 0.630 |" in text
    assert "| `legrad` | 0.158 | – |" in text


def test_agreement_is_by_name(content):
    assert "| `srg` | 1.00 | 0.25 |" in write_document.agreement_table(board(content))


def test_only_text_between_marks_changes(content):
    document = "Before.\n<!-- table: notes -->\nold\n<!-- end -->\nAfter.\n"
    text = write_document.fill(document, board(content))
    assert text == "Before.\n<!-- table: notes -->\n- half done\n<!-- end -->\nAfter.\n"
    assert write_document.fill(text, board(content)) == text


def test_unknown_tables_and_documents_without_marks_are_refused(content):
    with pytest.raises(write_document.DocumentError, match="unknown table “nonsense”"):
        write_document.fill("<!-- table: nonsense -->\n<!-- end -->", board(content))
    with pytest.raises(write_document.DocumentError, match="no mark"):
        write_document.fill("nothing", board(content))


def test_a_metric_that_was_not_measured_is_named(content):
    content["metrics"] = [metric for metric in content["metrics"] if metric["name"] != "energy"]
    with pytest.raises(write_document.DocumentError, match="no metric energy"):
        write_document.methods_table(board(content))


def test_the_command_writes_in_place_and_names_a_missing_file(content, tmp_path):
    (tmp_path / "board.json").write_text(json.dumps(content), encoding="utf-8")
    document = tmp_path / "document.md"
    document.write_text("<!-- table: settings -->\n<!-- end -->\n", encoding="utf-8")
    write_document.main([str(tmp_path / "board.json"), str(document)])
    assert "| model | toons |" in document.read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["board.json", "document.md"]
    with pytest.raises(SystemExit, match="missing.json"):
        write_document.main([str(tmp_path / "missing.json"), str(document)])


def test_a_file_of_another_format_is_refused(content):
    content["format"] = "whyclip evaluation 2"
    with pytest.raises(write_document.DocumentError, match="whyclip evaluation 2"):
        board(content)


def test_the_document_of_the_project_has_all_tables():
    text = (ROOT / "docs/leaderboard.md").read_text(encoding="utf-8")
    assert set(re.findall(r"<!-- table: ([a-z]+) -->", text)) >= {"settings", "methods", "prototype", "best", "agreement"}
    # No table is empty.
    assert not re.search(r"<!-- table: [a-z]+ -->\n<!-- end -->", text)
