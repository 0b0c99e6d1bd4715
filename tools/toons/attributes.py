"""What an image shows as plain yes and no: classes, colours of classes, style. An auxiliary task that
the image tower is taught beside the captions, and that fades out."""

import numpy as np
import torch

from claims import COLOR_NAMES, MOST_THINGS, NO_THING, STYLE_NAMES
from palette import CLASSES

CLASS_COLORS = len(CLASSES)  # where the colours begin: 11 of each class
STYLE = len(CLASSES) * (1 + len(COLOR_NAMES))  # where the styles begin
COUNT = STYLE + len(STYLE_NAMES)


class AttributeHead(torch.nn.Linear):
    """From the pooled image to a logit an attribute."""

    def __init__(self, width):
        super().__init__(width, COUNT)


def attribute_targets(known):
    """(images, COUNT) of 0 and 1, from claims.facts()."""
    images = len(known["style"])
    targets = np.zeros((images, COUNT), np.float32)
    for k in range(MOST_THINGS):
        name, color = known["class"][:, k], known["color"][:, k]
        there = name > NO_THING
        targets[np.where(there)[0], name[there]] = 1
        colored = there & (color >= 0)
        place = CLASS_COLORS + name[colored] * len(COLOR_NAMES) + color[colored]
        targets[np.where(colored)[0], place] = 1
    targets[np.arange(images), STYLE + known["style"]] = 1
    return torch.from_numpy(targets)
