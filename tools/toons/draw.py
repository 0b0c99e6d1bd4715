#!/usr/bin/env python3
"""Draws one image of the cartoon world, whole or with parts left out.

    python3 tools/toons/draw.py 7 --out image.png
    python3 tools/toons/draw.py 7 --things cat,dog --style sketch --out sketch.png --labels labels.png
    python3 tools/toons/draw.py 7 --things cat,dog --without cat.head,dog --out left.png

Prints the things with their parts; a number before a part is its label.
"""

import argparse
import sys

from PIL import Image

from drawing import draw, label_image
from scene import describe
from styles import STYLES


def listed(text):
    return [word.strip() for word in text.split(",") if word.strip()]


def parts_left_out(scene, words):
    """{(thing, part)} of words like "cat" and "cat.tail"."""
    names = [thing.name for thing in scene.contents.things]
    skipped = set()
    for word in words:
        thing, _, part = word.partition(".")
        found = {(i, p) for i, p in scene.parts() if names[i] == thing and part in ("", p)}
        if not found:
            there = ", ".join(f"{names[i]}.{p}" for i, p in scene.parts())
            raise ValueError(f"--without: expected things or parts of this image ({there}), got \"{word}\"")
        skipped |= found
    return skipped


def run(options):
    scene = describe(options.seed, names=listed(options.things) or None, style=options.style)
    without = parts_left_out(scene, listed(options.without))
    Image.fromarray(draw(scene, without)).save(options.out)
    if options.labels:
        Image.fromarray(label_image(scene)).save(options.labels)
    for label, (i, part) in enumerate(scene.parts(), start=1):
        thing = scene.contents.things[i]
        print(f"{label:3} {thing.color} {thing.name}: {part}" + (" (left out)" * ((i, part) in without)))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seed", type=int, help="the same seed gives the same image")
    parser.add_argument("--things", default="", help="classes, those behind first (drawn by lot)")
    parser.add_argument("--style", help=f"{', '.join(STYLES)}, or \"\" for none (drawn by lot)")
    parser.add_argument("--without", default="", help="things and parts to leave out: cat,dog.tail")
    parser.add_argument("--out", default="image.png", help="(image.png)")
    parser.add_argument("--labels", help="also write the label image of the whole image, a PNG")
    try:
        run(parser.parse_args())
    except (OSError, ValueError) as error:
        sys.exit(f"draw: {error}")


if __name__ == "__main__":
    main()
