"""A pen that records the primitives of a thing instead of drawing them.

Coordinates are in the thing's own frame, about 1 wide and high, with the centre at 0 and y downwards.
"""

from dataclasses import dataclass

import numpy as np

from palette import PAPER, PENCIL


@dataclass
class Primitive:
    """A filled polygon or a line of one part, in pixels of the canvas."""

    part: str
    points: list  # (x, y) each
    fill: tuple | None  # the polygon's colour; None for a line
    stroke: tuple | None  # the line's colour, or the polygon's outline; None for no outline
    width: int = 0  # stroke width in pixels

    @property
    def is_line(self):
        return self.fill is None


class Pen:
    """Records the primitives of one thing at (cx, cy) with `size` pixels, mirrored and rotated."""

    def __init__(self, cx, cy, size, flip, angle, sketch):
        self.cx, self.cy, self.size = cx, cy, size
        self.flip, self.sketch = flip, sketch
        self.cos, self.sin = np.cos(angle), np.sin(angle)
        self.primitives = []

    def to_canvas(self, x, y):
        """Transforms a point from the thing's frame to the canvas."""
        if self.flip:
            x = -x
        x, y = x * self.cos - y * self.sin, x * self.sin + y * self.cos
        return (self.cx + x * self.size, self.cy + y * self.size)

    def poly(self, part, points, fill):
        transformed = [self.to_canvas(x, y) for x, y in points]
        if self.sketch:
            width = max(2, int(self.size * 0.022))
            self.primitives.append(Primitive(part, transformed, PAPER, PENCIL, width))
        else:
            self.primitives.append(Primitive(part, transformed, fill, None))

    def oval(self, part, x, y, rx, ry, fill, corners=28):
        turns = np.linspace(0, 2 * np.pi, corners, endpoint=False)
        self.poly(part, [(x + rx * np.cos(t), y + ry * np.sin(t)) for t in turns], fill)

    def rect(self, part, x0, y0, x1, y1, fill):
        self.poly(part, [(x0, y0), (x1, y0), (x1, y1), (x0, y1)], fill)

    def line(self, part, x0, y0, x1, y1, color, width):
        stroke = PENCIL if self.sketch else color
        pixels = max(1, int(self.size * width))
        ends = [self.to_canvas(x0, y0), self.to_canvas(x1, y1)]
        self.primitives.append(Primitive(part, ends, None, stroke, pixels))
