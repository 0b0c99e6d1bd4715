"""Checks the claims of captions against images, for one pair and for all pairs of a batch."""

import numpy as np

from captions import COLORLESS, LARGE_ABOVE, LEFT_BELOW, RIGHT_ABOVE, SMALL_BELOW
from palette import CLASSES, COLORS
from styles import STYLES

MAX_THINGS = 5
COLOR_NAMES = list(COLORS)
STYLE_NAMES = ["", *STYLES]
NO_THING, NO_COLOR = -1, -2


def true_of(claims, contents):
    """Whether a caption's claims are true of an image."""
    if claims["style"] and claims["style"] != contents.style:
        return False
    if claims["many"] and not contents.many:
        return False
    found = [find(name, color, contents) for name, color in claims["nouns"]]
    if None in found:
        return False
    return position_and_size_hold(claims, found, contents.many)


def find(name, color, contents):
    """The first thing with that class, and with that colour if one is given."""
    if color and contents.style in COLORLESS:
        return None
    return next((t for t in contents.things if t.name == name and color in ("", t.color)), None)


def position_and_size_hold(claims, found, many):
    first = found[0]
    return not (claims["size"] == "small" and (first.size >= SMALL_BELOW or many)
                or claims["size"] == "large" and first.size <= LARGE_ABOVE
                or claims["side"] == "left" and first.cx >= LEFT_BELOW
                or claims["side"] == "right" and first.cx <= RIGHT_ABOVE
                or claims["left_of"] and first.cx >= found[1].cx)


def content_arrays(all_contents):
    """The contents of images as arrays: class, colour, x and size of each thing, style and many."""
    n = len(all_contents)
    out = {"class": np.full((n, MAX_THINGS), NO_THING), "color": np.full((n, MAX_THINGS), NO_THING),
           "cx": np.zeros((n, MAX_THINGS)), "size": np.zeros((n, MAX_THINGS)),
           "style": np.zeros(n, int), "many": np.zeros(n, bool)}
    for k, contents in enumerate(all_contents):
        out["style"][k], out["many"][k] = STYLE_NAMES.index(contents.style), contents.many
        grey = contents.style in COLORLESS
        for j, thing in enumerate(contents.things):
            out["class"][k, j] = CLASSES.index(thing.name)
            out["color"][k, j] = NO_COLOR if grey else COLOR_NAMES.index(thing.color)
            out["cx"][k, j], out["size"][k, j] = thing.cx, thing.size
    return out


def truth_table(all_claims, arrays, chosen):
    """(captions, images): true_of for each pair. `arrays` are content_arrays(), `chosen` the indices
    of the images."""
    batch = {name: values[chosen] for name, values in arrays.items()}
    return np.stack([truth_row(claims, batch) for claims in all_claims])


def truth_row(claims, batch):
    count = len(batch["style"])
    holds, rows, first = np.ones(count, bool), np.arange(count), []
    if claims["style"]:
        holds &= batch["style"] == STYLE_NAMES.index(claims["style"])
    if claims["many"]:
        holds &= batch["many"]
    for name, color in claims["nouns"]:
        match = batch["class"] == CLASSES.index(name)
        if color:
            match &= batch["color"] == COLOR_NAMES.index(color)
        holds &= match.any(1)
        first.append(match.argmax(1))
    size, cx = batch["size"][rows, first[0]], batch["cx"][rows, first[0]]
    if claims["size"] == "small":
        holds &= (size < SMALL_BELOW) & ~batch["many"]
    if claims["size"] == "large":
        holds &= size > LARGE_ABOVE
    if claims["side"] == "left":
        holds &= cx < LEFT_BELOW
    if claims["side"] == "right":
        holds &= cx > RIGHT_ABOVE
    if claims["left_of"]:
        holds &= cx < batch["cx"][rows, first[1]]
    return holds
