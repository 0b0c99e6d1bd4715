"""The classes of the cartoon world, their colours, and the variation of colours."""

import numpy as np

SIZE = 96  # pixels of an image's side
SUPERSAMPLING = 3  # drawing scale before averaging
CANVAS = SIZE * SUPERSAMPLING

CLASSES = ["cat", "dog", "bird", "rat", "building", "tree", "man", "woman", "boy", "girl"]

COLORS = {
    "red": (208, 48, 44),
    "orange": (230, 132, 40),
    "yellow": (236, 204, 60),
    "green": (64, 150, 66),
    "blue": (58, 104, 202),
    "purple": (136, 76, 172),
    "pink": (234, 142, 176),
    "brown": (128, 84, 50),
    "gray": (132, 132, 136),
    "black": (36, 36, 40),
    "white": (238, 236, 230),
}

# The colours of each class. A colour that is listed twice is drawn twice as often.
PALETTE = {
    "cat": ["orange", "gray", "black", "white", "brown"],
    "dog": ["brown", "white", "black", "yellow", "gray"],
    "bird": ["blue", "red", "yellow", "green", "purple", "white", "pink"],
    "rat": ["gray", "brown", "white", "black"],
    "building": ["gray", "red", "brown", "white", "yellow", "blue"],
    "tree": ["green", "green", "orange", "yellow", "red"],
    "man": ["blue", "black", "gray", "green", "red", "brown"],
    "woman": ["red", "purple", "pink", "blue", "green", "yellow"],
    "boy": ["blue", "red", "green", "orange", "yellow"],
    "girl": ["pink", "purple", "red", "yellow", "blue"],
}

SKIN = [(244, 208, 178), (226, 176, 138), (176, 122, 84), (120, 80, 54), (250, 224, 200)]
HAIR = [(40, 30, 26), (92, 58, 34), (190, 140, 70), (150, 70, 36), (120, 120, 120)]

PAPER = (250, 250, 248)  # background and fill colour of a sketch
PENCIL = (30, 30, 34)


def jitter(rng, rgb, amount=18):
    """The colour with a random change of up to ±`amount` per channel; one draw per channel."""
    return tuple(int(np.clip(c + rng.uniform(-amount, amount), 0, 255)) for c in rgb)


def shade(rgb, factor):
    """The colour times a factor, clipped to 255."""
    return tuple(int(np.clip(c * factor, 0, 255)) for c in rgb)
