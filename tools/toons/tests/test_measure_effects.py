"""Measuring goes on where it was interrupted. Needs PyTorch."""

import pytest

pytest.importorskip("torch", reason="needs PyTorch (Debian: python3-torch)")

from measure_effects import resume  # noqa: E402

HEAD = {"dataset": "toons"}


def test_finished_pictures_are_kept_and_a_cut_line_is_dropped(tmp_path):
    path = tmp_path / "effects.json.tmp"
    assert resume(path, HEAD, "abc") == {}
    with open(path, "a", encoding="utf-8") as file:
        file.write('{"file": "a", "full": [1]}\n{"file": "b", "fu')
    assert resume(path, HEAD, "abc") == {"a": {"file": "a", "full": [1]}}
    assert path.read_text().endswith('{"file": "a", "full": [1]}\n')


def test_what_was_begun_with_another_model_is_not_gone_on_with(tmp_path):
    path = tmp_path / "effects.json.tmp"
    resume(path, HEAD, "abc")
    with pytest.raises(ValueError, match="begun with other pictures or another model"):
        resume(path, {"dataset": "other"}, "abc")
