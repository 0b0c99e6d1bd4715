"""The effects that are shipped with the evaluation set."""

import hashlib
import json

import numpy as np
import pytest

from make_evaluation_set import describe_entry
from palette import CANVAS

# A number is rounded to 5 digits, and at most 11 of them and two more are added up.
ROUNDING = 13 * 0.5e-5


@pytest.fixture(scope="module")
def dataset(root):
    return json.loads((root / "datasets/toons/dataset.json").read_text())


@pytest.fixture(scope="module")
def effects(root):
    return json.loads((root / "datasets/toons/effects.json").read_text())


def test_they_are_of_the_embedded_model(root, effects):
    weights = (root / "models/toons/model.safetensors").read_bytes()
    assert effects["model"] == {"name": "toons", "weights_sha256": hashlib.sha256(weights).hexdigest()}


def test_each_thing_and_each_part_has_ten_numbers(dataset, effects):
    assert [p["file"] for p in effects["pictures"]] == [p["file"] for p in dataset["pictures"]]
    for picture, measured in zip(dataset["pictures"], effects["pictures"]):
        parts = sum(len(thing["parts"]) for thing in picture["things"])
        assert np.shape(measured["parts"]) == (parts, 10)
        assert np.shape(measured["things"]) == (len(picture["things"]), 10)


@pytest.mark.parametrize("players", ["parts", "things"])
def test_they_add_up_to_the_whole_less_the_empty_picture(effects, players):
    for picture in effects["pictures"]:
        expected = np.subtract(picture["full"], picture["empty"])
        assert np.sum(picture[players], 0) == pytest.approx(expected, abs=ROUNDING), picture["file"]


def test_what_lies_outside_of_the_picture_has_no_effect(dataset, effects):
    found = 0
    for picture, measured in zip(dataset["pictures"], effects["pictures"]):
        scene = describe_entry(picture)
        for shares, part in zip(measured["parts"], scene.parts()):
            if lies_outside(scene, part):
                assert shares == [0.0] * 10, (picture["file"], part)
                found += 1
    assert found > 0


def lies_outside(scene, part):
    """Whether all of a part is more than its line's width outside of the canvas, on one side."""
    points = np.array([point for p in scene.primitives[part[0]] if p.part == part[1] for point in p.points])
    return bool((points < -10).all(0).any() or (points > CANVAS + 10).all(0).any())


def test_the_thing_that_is_asked_about_speaks_for_its_class(dataset, effects):
    for_it = 0
    for picture, measured in zip(dataset["pictures"], effects["pictures"]):
        asked = [thing["name"] for thing in picture["things"]].index(picture["ask"])
        for_it += measured["things"][asked][dataset["classes"].index(picture["ask"])] > 0
    assert for_it / 320 > 0.95


def test_measuring_a_tree_again_gives_the_same(root, dataset, effects, recorded_pillow):
    pytest.importorskip("torch", reason="needs PyTorch (Debian: python3-torch)")
    import measure_effects
    from checkpoint import load
    from zero_shot import class_embeddings

    tree = next(k for k, p in enumerate(dataset["pictures"]) if sum(len(t["parts"]) for t in p["things"]) == 2)
    asked = json.loads((root / "tests/golden/toons/prompts.json").read_text())
    net, tokenizer = load(root / "models/toons")
    embeddings = class_embeddings(net, tokenizer, ["cat", "tree"], asked["templates"])
    picture = dataset["pictures"][tree]
    again = measure_effects.effects(picture, describe_entry(picture), net, embeddings)
    columns = [dataset["classes"].index(name) for name in ("cat", "tree")]
    for key in ("parts", "things"):
        expected = np.array(effects["pictures"][tree][key])[:, columns]
        # float32 on another processor, a logit of about 10.
        assert np.array(again[key]) == pytest.approx(expected, abs=1e-4)
