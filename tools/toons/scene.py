"""A scene: all random values of an image.

describe() makes all random draws; drawing.draw() makes none. An image can therefore be drawn again
with parts removed and everything else, including the noise, unchanged.
"""

import random
from dataclasses import dataclass

import numpy as np
from PIL import Image

from animals import draw_bird, draw_cat, draw_dog, draw_rat
from background import make_background
from palette import CANVAS, CLASSES, COLORS, PALETTE, PAPER, SIZE, jitter
from pen import Pen
from people import draw_boy, draw_girl, draw_man, draw_woman
from scenery import draw_building, draw_tree
from styles import STYLES, draw_strength, draw_style

RECIPES = {
    "cat": draw_cat, "dog": draw_dog, "bird": draw_bird, "rat": draw_rat,
    "building": draw_building, "tree": draw_tree,
    "man": draw_man, "woman": draw_woman, "boy": draw_boy, "girl": draw_girl,
}
CORNERS_AND_MIDDLE = [(0.28, 0.3), (0.72, 0.3), (0.28, 0.74), (0.72, 0.74), (0.5, 0.52)]


@dataclass
class Thing:
    """A thing's class and colour, its centre and its size as fractions of the image's side."""

    name: str
    color: str
    cx: float
    cy: float
    size: float


@dataclass
class Contents:
    """The content of an image that captions can describe."""

    style: str  # "" for none
    many: bool  # several things of one class
    things: list  # of Thing, from back to front


@dataclass
class Scene:
    """Contents and all values that determine the pixels."""

    contents: Contents
    background: Image.Image  # CANVAS × CANVAS
    primitives: list  # for each thing the list of its Primitives in drawing order
    strength: float | None  # the style's parameter
    noise: np.ndarray  # (SIZE, SIZE, 3), added last

    def parts(self):
        """(thing, part name) of all parts, by thing and in drawing order."""
        return [(i, name) for i, drawn in enumerate(self.primitives)
                for name in dict.fromkeys(p.part for p in drawn)]


def describe(seed, n_things=None, style=None, names=None):
    """The scene of a seed. Style, number of things and their classes are random unless given.

    Do not change the order of the draws: the embedded model's training images depend on it.
    """
    check(style, names)
    rng, numpy_rng = random.Random(seed), np.random.default_rng(seed)
    if style is None:
        style = draw_style(rng)
    if style == "sketch":
        background = Image.new("RGB", (CANVAS, CANVAS), PAPER)
    else:
        background = make_background(rng, numpy_rng, CANVAS)
    if n_things is None:
        n_things = rng.choices([1, 2, 3], [0.6, 0.3, 0.1])[0]
    many = names is None and n_things == 1 and rng.random() < 0.06
    chosen = list(names) if names else rng.sample(CLASSES, n_things)
    if many:
        chosen = chosen * rng.randint(3, 5)
    things, primitives = draw_things(chosen, many, style == "sketch", rng)
    strength = draw_strength(style, rng)
    noise = numpy_rng.normal(0, 3, (SIZE, SIZE, 3))
    return Scene(Contents(style, many, things), background, primitives, strength, noise)


def check(style, names):
    if style and style not in STYLES:
        raise ValueError(f"style: expected one of {', '.join(STYLES)} or \"\" for none, got \"{style}\"")
    for name in names or []:
        if name not in CLASSES:
            raise ValueError(f"names: expected some of {', '.join(CLASSES)}, got \"{name}\"")
    if names and len(names) > len(CORNERS_AND_MIDDLE):
        raise ValueError(f"names: at most {len(CORNERS_AND_MIDDLE)} things fit, got {len(names)}")


def draw_things(chosen, many, sketch, rng):
    """For each chosen class a Thing and the list of its primitives."""
    slots = list(CORNERS_AND_MIDDLE)
    rng.shuffle(slots)
    sides = rng.sample([0, 1], 2)
    things, primitives = [], []
    for i, name in enumerate(chosen):
        cx, cy, size = draw_position(i, len(chosen), many, slots, sides, rng)
        color = things[0].color if many and i else rng.choice(PALETTE[name])
        flip, angle = rng.random() < 0.5, rng.uniform(-0.14, 0.14)
        pen = Pen(cx * CANVAS, cy * CANVAS, size * CANVAS, flip, angle, sketch)
        RECIPES[name](pen, jitter(rng, COLORS[color]), rng)
        things.append(Thing(name, color, cx, cy, size))
        primitives.append(pen.primitives)
    return things, primitives


def draw_position(i, count, many, slots, sides, rng):
    """Centre and size of thing i of `count`: one anywhere, two side by side, more in slots."""
    if many:
        return *slots[i], rng.uniform(0.36, 0.44)
    if count == 1:
        sizes = [rng.uniform(0.34, 0.5), rng.uniform(0.5, 0.8), rng.uniform(0.8, 1.25)]
        size = rng.choices(sizes, [0.3, 0.5, 0.2])[0]
        margin = max(0.0, 0.5 - size * 0.5)
        return 0.5 + rng.uniform(-margin, margin), 0.5 + rng.uniform(-margin, margin), size
    if count == 2:
        size = rng.uniform(0.42, 0.62)
        cx = 0.27 + 0.46 * sides[i] + rng.uniform(-0.05, 0.05)
        return cx, 0.5 + rng.uniform(-0.18, 0.18), size
    return *slots[i], rng.uniform(0.38, 0.5)
