#!/usr/bin/env python3
"""Writes the evaluation set: 320 drawings that the model has not seen, with the truth about each pixel.

    python3 tools/toons/make_evaluation_set.py datasets/toons

Each class is asked about in 32 images, 16 of them with a second thing; once in each image style,
24 times in none. The others show the class alone, or, 6 of cat, dog, rat, building and tree, with two
more things: a bird or a person with two more has more than 11 parts. The same call gives the same files.
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

FIRST_SEED = 20_000_000  # the training images have seeds from 10 000 000 to 10 060 000
IMAGES_PER_CLASS = 32
MOST_PARTS = 11  # so that all ways to leave parts out can be drawn: 2^11
FEW_PARTS = ["cat", "dog", "rat", "building", "tree"]  # these fit into an image with two others
FEWEST_PIXELS = 25  # of the thing that is asked about
FEWEST_PARTS = 3  # of it that must be seen, or all where it has fewer
TRIES = 5000  # at an image

ABOUT = ("Drawings of the cartoon world that the embedded model was not trained on, with the part "
         "that each pixel belongs to.")


def plan():
    """(target class, number of things, style) of each image."""
    styles = list(STYLES)
    for k in range(IMAGES_PER_CLASS):
        for c, name in enumerate(CLASSES):
            # Every fourth image has a style, another one in each class at the same place.
            style = styles[(k // 4 + c) % len(styles)] if k % 4 == c % 4 else ""
            yield name, things_of(name)[k], style


def things_of(name):
    """How many things each image that asks about a class shows."""
    return [1] * 10 + [2] * 16 + [3] * 6 if name in FEW_PARTS else [1] * 16 + [2] * 16


def choose_names(ask, count, seed):
    """The target class and count - 1 others, in an order drawn by lot."""
    rng = random.Random(seed)
    names = [ask] + rng.sample([name for name in CLASSES if name != ask], count - 1)
    rng.shuffle(names)
    return names


def seen_well(scene, labels, ask):
    """Whether the thing that is asked about shows enough pixels and parts."""
    parts = scene.parts()
    asked = [t.name for t in scene.contents.things].index(ask)
    pixels = [int((labels == n).sum()) for n, (thing, _) in enumerate(parts, 1) if thing == asked]
    shown = sum(1 for count in pixels if count)
    return sum(pixels) >= FEWEST_PIXELS and shown >= min(FEWEST_PARTS, len(pixels))


def find_scene(ask, count, style, seed):
    """The first scene from a seed on that serves, its labels and its seed."""
    for seed in range(seed, seed + TRIES):
        scene = describe(seed, names=choose_names(ask, count, seed), style=style)
        if len(scene.parts()) <= MOST_PARTS:
            labels = label_image(scene)
            if seen_well(scene, labels, ask):
                return scene, labels, seed
    raise ValueError(f"none of {TRIES} scenes of {count} things with a {ask} serves; last seed {seed}")


def entry(number, seed, scene, ask):
    """What dataset.json says of an image."""
    things = [{"name": t.name, "color": t.color, "parts": []} for t in scene.contents.things]
    for label, (thing, part) in enumerate(scene.parts(), start=1):
        things[thing]["parts"].append({"name": part, "label": label})
    return {"file": f"images/{number:03}.webp", "labels": f"labels/{number:03}.png", "seed": seed,
            "style": scene.contents.style, "target_class": ask, "things": things}


def describe_entry(image):
    """The scene of an image of dataset.json."""
    names = [thing["name"] for thing in image["things"]]
    return describe(image["seed"], names=names, style=image["style"])


def draw_images(folder):
    """Writes all images and label images. Returns what dataset.json says of them."""
    for name in ("pictures", "labels"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    wanted = list(plan())
    progress = Progress("image", len(wanted))
    entries, seed = [], FIRST_SEED
    for number, (ask, count, style) in enumerate(wanted):
        scene, labels, seed = find_scene(ask, count, style, seed)
        entries.append(entry(number, seed, scene, ask))
        write_lossless(draw(scene), folder / entries[-1]["file"])
        Image.fromarray(labels).save(folder / entries[-1]["labels"], optimize=True)
        seed += 1
        progress.done()
    return entries


def write_lossless(pixels, path):
    Image.fromarray(pixels).save(path, lossless=True, quality=100, method=4)
    if not np.array_equal(np.asarray(Image.open(path).convert("RGB")), pixels):
        raise OSError(f"{path}: does not decode to the pixels that were drawn")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="where the set is written")
    folder = parser.parse_args().folder
    try:
        head = {"format": "whyclip dataset 1", "name": "toons", "description": ABOUT, "classes": CLASSES}
        write_images(head, draw_images(folder), folder / "dataset.json")
    except (OSError, ValueError) as error:
        sys.exit(f"make_evaluation_set: {error}")


if __name__ == "__main__":
    main()
