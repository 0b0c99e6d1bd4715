"""The effects in the evaluation set."""

import hashlib
import json

import numpy as np
import pytest

# Numbers are rounded to 5 digits; at most 11 of them and two more are added.
ROUNDING = 13 * 0.5e-5


@pytest.fixture(scope="module")
def effects(root):
    return json.loads((root / "datasets/toons/effects.json").read_text())


def test_they_are_measured_with_the_embedded_model(root, effects):
    weights = (root / "models/toons/model.safetensors").read_bytes()
    assert effects["model"] == {"name": "toons", "weights_sha256": hashlib.sha256(weights).hexdigest()}


def test_each_thing_and_each_part_has_ten_numbers(dataset, effects):
    assert [p["file"] for p in effects["images"]] == [p["file"] for p in dataset["images"]]
    for image, measured in zip(dataset["images"], effects["images"]):
        parts = sum(len(thing["parts"]) for thing in image["things"])
        assert np.shape(measured["parts"]) == (parts, 10)
        assert np.shape(measured["things"]) == (len(image["things"]), 10)


@pytest.mark.parametrize("players", ["parts", "things"])
def test_their_sum_is_the_full_image_minus_the_empty_one(effects, players):
    for image in effects["images"]:
        expected = np.subtract(image["full"], image["empty"])
        assert np.sum(image[players], 0) == pytest.approx(expected, abs=ROUNDING), image["file"]


def test_the_target_thing_increases_the_logit_of_its_class(dataset, effects):
    positive = 0
    for image, measured in zip(dataset["images"], effects["images"]):
        target = [thing["name"] for thing in image["things"]].index(image["target_class"])
        positive += measured["things"][target][dataset["classes"].index(image["target_class"])] > 0
    assert positive / 320 > 0.95


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
        # Logits of about 10 in float32 on another processor.
        assert again[key] == pytest.approx(np.array(expected[key])[columns], abs=1e-4)
    for key in ("parts", "things"):
        assert np.array(again[key]) == pytest.approx(np.array(expected[key])[:, columns], abs=1e-4)
