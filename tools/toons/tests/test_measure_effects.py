"""The program that measures effects. Needs PyTorch."""

import pytest

pytest.importorskip("torch", reason="needs PyTorch (Debian: python3-torch)")

from checkpoint import load  # noqa: E402
from measure_effects import effects, resume  # noqa: E402
from zero_shot import class_embeddings  # noqa: E402

HEAD = {"dataset": "toons"}


@pytest.fixture(scope="module")
def model(root):
    """The embedded model, and its embeddings of "a photo of a" cat and tree."""
    net, tokenizer = load(root / "models/toons")
    return net, class_embeddings(net, tokenizer, ["cat", "tree"], ["a photo of a {}."])


def first_of_two_parts(dataset, scenes):
    return next((p, s) for p, s in zip(dataset["images"], scenes) if len(s.parts()) == 2)


def test_a_part_that_lies_outside_of_the_image_has_no_effect(dataset, scenes, model):
    image, scene = first_of_two_parts(dataset, scenes)
    moved = [p for p in scene.primitives[0] if p.part == "trunk"]
    points_before = [p.points for p in moved]
    for p in moved:
        p.points = [(x + 1000, y) for x, y in p.points]
    measured = effects(image, scene, *model)
    for p, points in zip(moved, points_before):
        p.points = points
    trunk = scene.parts().index((0, "trunk"))
    assert measured["parts"][trunk] == [0.0, 0.0]
    assert measured["parts"][1 - trunk] == measured["things"][0]


def test_finished_images_are_read_and_an_incomplete_line_is_removed(tmp_path):
    path = tmp_path / "effects.json.tmp"
    assert resume(path, HEAD, "abc") == {}
    with open(path, "a", encoding="utf-8") as file:
        file.write('{"file": "a", "full": [1]}\n{"file": "b", "fu')
    assert resume(path, HEAD, "abc") == {"a": {"file": "a", "full": [1]}}
    assert path.read_text().endswith('{"file": "a", "full": [1]}\n')


def test_a_run_with_another_model_is_not_continued(tmp_path):
    path = tmp_path / "effects.json.tmp"
    resume(path, HEAD, "abc")
    with pytest.raises(ValueError, match="started with other images or another model"):
        resume(path, {"dataset": "other"}, "abc")
