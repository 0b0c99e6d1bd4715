"""Draws a scene, whole or with parts left out, and says which pixel belongs to what. No random numbers.

Masks are drawn beside the image: a polygon belongs to its part and covers those of the same thing
that were drawn before. Lines (whiskers, stripes, a bird's legs) come and go with their part but own
no pixel of a mask, as they are thinner than a pixel or nearly so. Only in the label image a part that
has nothing but lines, a bird's legs, has the pixels that its lines cover for the most part.
"""

import numpy as np
from PIL import Image, ImageDraw

from palette import CANVAS, SIZE
from styles import apply_style


def draw(scene, without=()):
    """The image, SIZE × SIZE × 3 bytes, with all (thing index, part name) of `without` left out."""
    canvas = scene.background.copy()
    brush = ImageDraw.Draw(canvas)
    for i, primitives in enumerate(scene.primitives):
        for p in primitives:
            if (i, p.part) not in without:
                paint(brush, p)
    image = canvas.resize((SIZE, SIZE), Image.BOX)
    image = apply_style(image, scene.contents.style, scene.strength)
    noisy = np.asarray(image, np.float32) + scene.noise
    return np.uint8(np.clip(noisy, 0, 255))


def paint(brush, primitive):
    if primitive.is_line:
        brush.line(primitive.points, fill=primitive.stroke, width=primitive.width)
        return
    brush.polygon(primitive.points, fill=primitive.fill)
    if primitive.stroke:
        closed = primitive.points + primitive.points[:1]
        brush.line(closed, fill=primitive.stroke, width=primitive.width, joint="curve")


def masks(scene, without=()):
    """Of each thing {part: SIZE × SIZE booleans}: what is seen of the part. A pixel belongs to what
    covers more than half of it."""
    seen = []
    for i, primitives in enumerate(scene.primitives):
        polygons = [p for p in primitives if not p.is_line and (i, p.part) not in without]
        own = thing_masks(polygons)
        covered = np.any(list(own.values()), axis=0) if own else np.zeros((SIZE, SIZE), bool)
        for behind in seen:
            for name in behind:
                behind[name] &= ~covered
        seen.append(own)
    return seen


def thing_masks(polygons):
    layers = {}
    for p in polygons:
        layers.setdefault(p.part, Image.new("L", (CANVAS, CANVAS), 0))
        for name, layer in layers.items():
            ImageDraw.Draw(layer).polygon(p.points, fill=255 if name == p.part else 0)
    return {name: shrink(layer) for name, layer in layers.items()}


def shrink(layer):
    return np.asarray(layer.resize((SIZE, SIZE), Image.BOX)) > 127


def label_image(scene):
    """SIZE × SIZE bytes: 0 where the ground is seen, otherwise 1 + the place of the part in
    scene.parts()."""
    labels = np.zeros((SIZE, SIZE), np.uint8)
    number = {part: n for n, part in enumerate(scene.parts(), start=1)}
    for i, primitives in enumerate(scene.primitives):
        own = thing_masks([p for p in primitives if not p.is_line])
        for name, mask in lines_alone(primitives, own).items():
            labels[mask] = number[i, name]
        for name, mask in own.items():
            labels[mask] = number[i, name]
    return labels


def lines_alone(primitives, polygons_of):
    """The masks of the parts that have no polygon."""
    layers = {}
    for p in primitives:
        if p.part not in polygons_of:
            layer = layers.setdefault(p.part, Image.new("L", (CANVAS, CANVAS), 0))
            ImageDraw.Draw(layer).line(p.points, fill=255, width=p.width)
    return {name: shrink(layer) for name, layer in layers.items()}
