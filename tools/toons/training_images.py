"""Draws the training images on all processors."""

import multiprocessing
import os

import numpy as np

from drawing import draw
from progress import Progress
from scene import describe

FIRST_SEED = 10_000_000


def draw_one(seed):
    scene = describe(seed)
    return draw(scene), scene.contents


def draw_images(count, workers=None):
    """(images as (count, side, side, 3) bytes, their contents) for the seeds from FIRST_SEED on."""
    progress = Progress("image", count, every=10.0)
    images, contents = [], []
    seeds = range(FIRST_SEED, FIRST_SEED + count)
    with multiprocessing.Pool(workers or os.cpu_count()) as pool:
        for pixels, shown in pool.imap(draw_one, seeds, chunksize=64):
            images.append(pixels)
            contents.append(shown)
            progress.done()
    return np.stack(images), contents
