"""Binary attributes of an image: classes, colours of classes, style. Their prediction is an auxiliary
task for the image tower that fades out during training."""

import numpy as np
import torch

from claims import COLOR_NAMES, MAX_THINGS, NO_THING, STYLE_NAMES
from palette import CLASSES

CLASS_COLORS = len(CLASSES)  # index of the first colour; 11 for each class
STYLE = len(CLASSES) * (1 + len(COLOR_NAMES))  # index of the first style
COUNT = STYLE + len(STYLE_NAMES)


class AttributeHead(torch.nn.Linear):
    """Maps the pooled image to one logit per attribute."""

    def __init__(self, width):
        super().__init__(width, COUNT)


def attribute_targets(arrays):
    """(images, COUNT) of 0 and 1, from claims.content_arrays()."""
    images = len(arrays["style"])
    targets = np.zeros((images, COUNT), np.float32)
    for k in range(MAX_THINGS):
        name, color = arrays["class"][:, k], arrays["color"][:, k]
        exists = name > NO_THING
        targets[np.where(exists)[0], name[exists]] = 1
        colored = exists & (color >= 0)
        index = CLASS_COLORS + name[colored] * len(COLOR_NAMES) + color[colored]
        targets[np.where(colored)[0], index] = 1
    targets[np.arange(images), STYLE + arrays["style"]] = 1
    return torch.from_numpy(targets)
