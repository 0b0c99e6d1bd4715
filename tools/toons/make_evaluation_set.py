#!/usr/bin/env python3
"""Writes the evaluation set: 320 drawings that are not in the training set, with the part of each pixel.

    python3 tools/toons/make_evaluation_set.py datasets/toons

Each class is the target class of 32 images: one in each image style and 24 without style. 16 of them
show a second thing. The others show the target class alone or, for 6 images of cat, dog, rat, building
and tree, with two more things; a bird or a person with two more things would have more than 11 parts.
The output is deterministic.
"""

import argparse
import pathlib
import random
import sys

import numpy as np
from PIL import Image

from drawing import draw, label_image
from files import write_images
from palette import CLASSES
from progress import Progress
from scene import describe
from styles import STYLES

FIRST_SEED = 20_000_000  # the training images have the seeds 10 000 000 to 10 059 999
IMAGES_PER_CLASS = 32
MAX_PARTS = 11  # 2^11 coalitions of parts are drawn
FEW_PARTS = ["cat", "dog", "rat", "building", "tree"]  # classes that fit into an image with two others
MIN_PIXELS = 25  # visible pixels of the target thing
MIN_PARTS = 3  # visible parts of the target thing, or all parts if it has fewer
MAX_TRIES = 5000  # scenes per image

ABOUT = ("Drawings of the cartoon world that the embedded model was not trained on, with the part "
         "that each pixel belongs to.")


def plan():
    """(target class, number of things, style) of each image."""
    styles = list(STYLES)
    for k in range(IMAGES_PER_CLASS):
        for c, name in enumerate(CLASSES):
            # Every fourth image has a style; classes have different styles at the same index.
            style = styles[(k // 4 + c) % len(styles)] if k % 4 == c % 4 else ""
            yield name, things_of(name)[k], style


def things_of(name):
    """The number of things in each image with this target class."""
    return [1] * 10 + [2] * 16 + [3] * 6 if name in FEW_PARTS else [1] * 16 + [2] * 16


def choose_names(target_class, count, seed):
    """The target class and count - 1 others in random order."""
    rng = random.Random(seed)
    names = [target_class] + rng.sample([name for name in CLASSES if name != target_class], count - 1)
    rng.shuffle(names)
    return names


def is_visible(scene, labels, target_class):
    """Whether enough pixels and parts of the target thing are visible."""
    parts = scene.parts()
    target = [t.name for t in scene.contents.things].index(target_class)
    pixels = [int((labels == n).sum()) for n, (thing, _) in enumerate(parts, 1) if thing == target]
    shown = sum(1 for count in pixels if count)
    return sum(pixels) >= MIN_PIXELS and shown >= min(MIN_PARTS, len(pixels))


def find_scene(target_class, count, style, seed):
    """The first suitable scene from a seed on, its labels and its seed."""
    for seed in range(seed, seed + MAX_TRIES):
        scene = describe(seed, names=choose_names(target_class, count, seed), style=style)
        if len(scene.parts()) <= MAX_PARTS:
            labels = label_image(scene)
            if is_visible(scene, labels, target_class):
                return scene, labels, seed
    raise ValueError(f"none of {MAX_TRIES} scenes of {count} things with a {target_class} is suitable; last seed {seed}")


def entry(number, seed, scene, target_class):
    """The entry of an image in dataset.json."""
    things = [{"name": t.name, "color": t.color, "parts": []} for t in scene.contents.things]
    for label, (thing, part) in enumerate(scene.parts(), start=1):
        things[thing]["parts"].append({"name": part, "label": label})
    return {"file": f"pictures/{number:03}.webp", "labels": f"labels/{number:03}.png", "seed": seed,
            "style": scene.contents.style, "target_class": target_class, "things": things}


def describe_entry(image):
    """The scene of an image of dataset.json."""
    names = [thing["name"] for thing in image["things"]]
    return describe(image["seed"], names=names, style=image["style"])


def draw_images(folder):
    """Writes all images and label images. Returns their entries for dataset.json."""
    for name in ("pictures", "labels"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    planned = list(plan())
    progress = Progress("image", len(planned))
    entries, seed = [], FIRST_SEED
    for number, (target_class, count, style) in enumerate(planned):
        scene, labels, seed = find_scene(target_class, count, style, seed)
        entries.append(entry(number, seed, scene, target_class))
        write_lossless(draw(scene), folder / entries[-1]["file"])
        Image.fromarray(labels).save(folder / entries[-1]["labels"], optimize=True)
        seed += 1
        progress.done()
    return entries


def write_lossless(pixels, path):
    Image.fromarray(pixels).save(path, lossless=True, quality=100, method=4)
    if not np.array_equal(np.asarray(Image.open(path).convert("RGB")), pixels):
        raise OSError(f"{path}: does not decode to the drawn pixels")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="output folder")
    folder = parser.parse_args().folder
    try:
        head = {"format": "whyclip dataset 1", "name": "toons", "description": ABOUT, "classes": CLASSES}
        write_images(head, draw_images(folder), folder / "dataset.json")
    except (OSError, ValueError) as error:
        sys.exit(f"make_evaluation_set: {error}")


if __name__ == "__main__":
    main()
