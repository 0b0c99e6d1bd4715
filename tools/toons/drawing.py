"""Draws a scene, complete or with parts removed, with masks and label image. No random numbers.

In masks, a polygon belongs to its part and covers earlier polygons of the same thing. Lines (whiskers,
stripes, a bird's legs) are drawn and removed with their part, but masks do not contain them, because
they are about a pixel wide or thinner. Only in the label image, a part that consists of lines, a bird's
legs, has the pixels that its lines cover by more than half.
"""

import numpy as np
from PIL import Image, ImageDraw

from palette import CANVAS, SIZE
from styles import apply_style


def draw(scene, without=()):
    """The image, SIZE × SIZE × 3 bytes, without the parts (thing index, part name) in `without`."""
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
    """For each thing {part: SIZE × SIZE booleans}: the visible pixels of the part. A pixel belongs to
    the part that covers more than half of it."""
    visible = []
    for i, primitives in enumerate(scene.primitives):
        polygons = [p for p in primitives if not p.is_line and (i, p.part) not in without]
        own = thing_masks(polygons)
        covered = np.any(list(own.values()), axis=0) if own else np.zeros((SIZE, SIZE), bool)
        for behind in visible:
            for name in behind:
                behind[name] &= ~covered
        visible.append(own)
    return visible


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
    """SIZE × SIZE bytes: 0 for the background, otherwise 1 + the index of the part in scene.parts()."""
    labels = np.zeros((SIZE, SIZE), np.uint8)
    number = {part: n for n, part in enumerate(scene.parts(), start=1)}
    for i, primitives in enumerate(scene.primitives):
        own = thing_masks([p for p in primitives if not p.is_line])
        for name, mask in line_masks(primitives, own).items():
            labels[mask] = number[i, name]
        for name, mask in own.items():
            labels[mask] = number[i, name]
    return labels


def line_masks(primitives, polygons_of):
    """The masks of the parts without polygons."""
    layers = {}
    for p in primitives:
        if p.part not in polygons_of:
            layer = layers.setdefault(p.part, Image.new("L", (CANVAS, CANVAS), 0))
            ImageDraw.Draw(layer).line(p.points, fill=255, width=p.width)
    return {name: shrink(layer) for name, layer in layers.items()}
