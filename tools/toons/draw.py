#!/usr/bin/env python3
"""Draws one image of the cartoon world, complete or with parts removed.

    python3 tools/toons/draw.py 7 --out image.png
    python3 tools/toons/draw.py 7 --things cat,dog --style sketch --out sketch.png --labels labels.png
    python3 tools/toons/draw.py 7 --things cat,dog --without cat.head,dog --out removed.png

Prints the parts of the things; the number before a part is its label.
"""

import argparse
import sys

from PIL import Image

from drawing import draw, label_image
from scene import describe
from styles import STYLES


def listed(text):
    return [word.strip() for word in text.split(",") if word.strip()]


def removed_parts(scene, words):
    """{(thing, part)} for words like "cat" and "cat.tail"."""
    names = [thing.name for thing in scene.contents.things]
    removed = set()
    for word in words:
        thing, _, part = word.partition(".")
        found = {(i, p) for i, p in scene.parts() if names[i] == thing and part in ("", p)}
        if not found:
            known = ", ".join(f"{names[i]}.{p}" for i, p in scene.parts())
            raise ValueError(f"--without: expected things or parts of this image ({known}), got \"{word}\"")
        removed |= found
    return removed


def run(options):
    scene = describe(options.seed, names=listed(options.things) or None, style=options.style)
    without = removed_parts(scene, listed(options.without))
    Image.fromarray(draw(scene, without)).save(options.out)
    if options.labels:
        Image.fromarray(label_image(scene)).save(options.labels)
    for label, (i, part) in enumerate(scene.parts(), start=1):
        thing = scene.contents.things[i]
        print(f"{label:3} {thing.color} {thing.name}: {part}" + (" (removed)" * ((i, part) in without)))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seed", type=int, help="random seed")
    parser.add_argument("--things", default="", help="classes, from back to front (default: random)")
    parser.add_argument("--style", help=f"{', '.join(STYLES)}, or \"\" for none (default: random)")
    parser.add_argument("--without", default="", help="things and parts to remove: cat,dog.tail")
    parser.add_argument("--out", default="image.png", help="image file (default: image.png)")
    parser.add_argument("--labels", help="also write the label image of the complete scene (PNG)")
    try:
        run(parser.parse_args())
    except (OSError, ValueError) as error:
        sys.exit(f"draw: {error}")


if __name__ == "__main__":
    main()
