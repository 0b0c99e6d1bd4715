"""The background of an image: plain, a sky, soft noise, stripes, a room or blobs."""

import numpy as np
from PIL import Image, ImageDraw

KINDS = ["plain", "sky", "noise", "stripes", "room", "blobs"]


def make_background(rng, numpy_rng, n):
    """An n × n image, drawn with Python's `rng` and NumPy's `numpy_rng`."""
    kind = rng.choice(KINDS)
    base = np.array([rng.uniform(60, 245) for _ in range(3)])
    grey = base.mean()
    base = grey + (base - grey) * 0.6
    pixels = np.empty((n, n, 3), np.float32)
    pixels[:] = base
    if kind != "plain":
        painter = {"sky": sky, "noise": noise, "stripes": stripes, "room": room, "blobs": blobs}[kind]
        pixels = painter(pixels, base, rng, numpy_rng)
    return to_image(pixels)


def to_image(pixels):
    return Image.fromarray(np.uint8(np.clip(pixels, 0, 255)))


def sky(pixels, base, rng, numpy_rng):
    n = len(pixels)
    top = np.array([120, 180, 235]) + numpy_rng.uniform(-30, 20, 3)
    ground = np.array([110, 160, 80]) + numpy_rng.uniform(-50, 50, 3)
    horizon = int(n * rng.uniform(0.55, 0.85))
    down = np.linspace(0, 1, horizon)[:, None, None]
    pixels[:horizon] = top * (1 - down) + (top * 0.4 + 150) * down
    pixels[horizon:] = ground
    return pixels


def noise(pixels, base, rng, numpy_rng):
    n = len(pixels)
    k = rng.choice([4, 8, 16])
    coarse = to_image(numpy_rng.normal(0, 26, (k, k, 3)) + 128)
    pixels += np.asarray(coarse.resize((n, n), Image.BICUBIC), np.float32) - 128
    return pixels


def stripes(pixels, base, rng, numpy_rng):
    chosen = (np.arange(len(pixels)) * rng.uniform(0.01, 0.05)) % 1 < 0.5
    other = base + numpy_rng.uniform(-40, 40, 3)
    if rng.random() < 0.5:
        pixels[chosen] = other
    else:
        pixels[:, chosen] = other
    return pixels


def room(pixels, base, rng, numpy_rng):
    floor = int(len(pixels) * rng.uniform(0.6, 0.85))
    pixels[floor:] = base * rng.uniform(0.5, 0.8)
    return pixels


def blobs(pixels, base, rng, numpy_rng):
    n = len(pixels)
    image = to_image(pixels)
    brush = ImageDraw.Draw(image)
    for _ in range(rng.randint(3, 9)):
        x, y, r = rng.uniform(0, n), rng.uniform(0, n), rng.uniform(n * 0.05, n * 0.22)
        color = tuple(int(np.clip(c + rng.uniform(-45, 45), 0, 255)) for c in base)
        shape = brush.ellipse if rng.random() < 0.5 else brush.rectangle
        shape([x - r, y - r, x + r, y + r], fill=color)
    return np.asarray(image, np.float32)
