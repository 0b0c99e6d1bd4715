"""The effects that are shipped with the evaluation set."""

import hashlib
import json

import numpy as np
import pytest

# A number is rounded to 5 digits, and at most 11 of them and two more are added up.
ROUNDING = 13 * 0.5e-5


@pytest.fixture(scope="module")
def effects(root):
    return json.loads((root / "datasets/toons/effects.json").read_text())


def test_they_are_of_the_embedded_model(root, effects):
    weights = (root / "models/toons/model.safetensors").read_bytes()
    assert effects["model"] == {"name": "toons", "weights_sha256": hashlib.sha256(weights).hexdigest()}


def test_each_thing_and_each_part_has_ten_numbers(dataset, effects):
    assert [p["file"] for p in effects["images"]] == [p["file"] for p in dataset["images"]]
    for image, measured in zip(dataset["images"], effects["images"]):
        parts = sum(len(thing["parts"]) for thing in image["things"])
        assert np.shape(measured["parts"]) == (parts, 10)
        assert np.shape(measured["things"]) == (len(image["things"]), 10)


@pytest.mark.parametrize("players", ["parts", "things"])
def test_they_add_up_to_the_whole_less_the_empty_image(effects, players):
    for image in effects["images"]:
        expected = np.subtract(image["full"], image["empty"])
        assert np.sum(image[players], 0) == pytest.approx(expected, abs=ROUNDING), image["file"]


def test_the_thing_that_is_asked_about_speaks_for_its_class(dataset, effects):
    for_it = 0
    for image, measured in zip(dataset["images"], effects["images"]):
        asked = [thing["name"] for thing in image["things"]].index(image["target_class"])
        for_it += measured["things"][asked][dataset["classes"].index(image["target_class"])] > 0
    assert for_it / 320 > 0.95


def test_a_tree_measured_again_has_the_same_effects(root, dataset, scenes, effects, recorded_pillow):
    pytest.importorskip("torch", reason="needs PyTorch (Debian: python3-torch)")
    import measure_effects
    from checkpoint import load
    from zero_shot import class_embeddings

    number = next(i for i, scene in enumerate(scenes) if len(scene.parts()) == 2)
    image, expected = dataset["images"][number], effects["images"][number]
    templates = json.loads((root / "tests/golden/toons/prompts.json").read_text())["templates"]
    net, tokenizer = load(root / "models/toons")
    embeddings = class_embeddings(net, tokenizer, ["cat", "tree"], templates)
    again = measure_effects.effects(image, scenes[number], net, embeddings)
    columns = [dataset["classes"].index(name) for name in ("cat", "tree")]
    for key in ("full", "empty"):
        # float32 on another processor, of logits of about 10.
        assert again[key] == pytest.approx(np.array(expected[key])[columns], abs=1e-4)
    for key in ("parts", "things"):
        assert np.array(again[key]) == pytest.approx(np.array(expected[key])[:, columns], abs=1e-4)
