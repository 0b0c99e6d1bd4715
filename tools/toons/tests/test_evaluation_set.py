"""The evaluation set agrees with its README."""

import collections

import numpy as np
import pytest
from PIL import Image

from drawing import draw, label_image
from make_evaluation_set import plan
from palette import CLASSES
from styles import STYLES


@pytest.fixture(scope="module")
def folder(root):
    return root / "datasets/toons"


@pytest.fixture(scope="module")
def labels(folder, dataset):
    return [np.asarray(Image.open(folder / image["labels"])) for image in dataset["images"]]


def test_all_320_images_are_the_drawings_of_their_scenes(folder, dataset, scenes, recorded_pillow):
    for image, scene in zip(dataset["images"], scenes):
        stored = np.asarray(Image.open(folder / image["file"]).convert("RGB"))
        assert np.array_equal(draw(scene), stored), image["file"]


def test_all_320_label_images_are_those_of_their_scenes(dataset, scenes, labels, recorded_pillow):
    for image, scene, stored in zip(dataset["images"], scenes, labels):
        assert np.array_equal(label_image(scene), stored), image["labels"]


def test_each_part_of_a_scene_is_listed_with_its_label(dataset, scenes):
    assert len(scenes) == 320
    for image, scene in zip(dataset["images"], scenes):
        listed = [(i, part["name"], part["label"]) for i, thing in enumerate(image["things"])
                  for part in thing["parts"]]
        assert listed == [(i, name, n) for n, (i, name) in enumerate(scene.parts(), start=1)]
        assert [t["color"] for t in image["things"]] == [t.color for t in scene.contents.things]


def test_no_label_image_has_a_label_that_is_not_listed(dataset, labels):
    for image, stored in zip(dataset["images"], labels):
        assert stored.shape == (96, 96) and stored.dtype == np.uint8
        assert stored.max() <= sum(len(thing["parts"]) for thing in image["things"])


def test_no_seed_is_a_training_seed(dataset):
    seeds = [image["seed"] for image in dataset["images"]]
    assert len(set(seeds)) == 320
    assert min(seeds) >= 20_000_000


def test_classes_styles_and_numbers_of_things_are_mixed_as_planned(dataset):
    images = dataset["images"]
    assert dataset["classes"] == CLASSES
    assert [(p["target_class"], len(p["things"]), p["style"]) for p in images] == list(plan())
    assert set(collections.Counter(p["target_class"] for p in images).values()) == {32}
    styles = collections.Counter(p["style"] for p in images)
    assert styles == {"": 240, **{style: 10 for style in STYLES}}
    assert collections.Counter(len(p["things"]) for p in images) == {1: 130, 2: 160, 3: 30}


def test_the_target_thing_is_visible(dataset, labels):
    for image, stored in zip(dataset["images"], labels):
        thing, = [t for t in image["things"] if t["name"] == image["target_class"]]
        pixels = [int((stored == part["label"]).sum()) for part in thing["parts"]]
        assert sum(pixels) >= 25, image["file"]
        assert sum(1 for n in pixels if n) >= min(3, len(pixels)), image["file"]
        assert sum(len(t["parts"]) for t in image["things"]) <= 11


def test_the_set_is_small(folder):
    assert sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) < 6_000_000
