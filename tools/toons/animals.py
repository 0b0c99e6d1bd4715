"""Cat, dog, bird and rat. Each function takes a pen, the animal's colour and a random generator."""

from palette import shade

INK = (15, 15, 15)


def draw_cat(pen, color, rng):
    dark = shade(color, 0.72)
    if rng.random() < 0.6:  # sitting, full body
        tail = [(0.16, 0.38), (0.36, 0.30), (0.42, 0.02), (0.36, 0.0), (0.30, 0.24), (0.14, 0.30)]
        pen.poly("tail", tail, dark)
        pen.oval("body", 0, 0.24, 0.20, 0.26, color)
        pen.oval("body", -0.09, 0.46, 0.08, 0.05, dark)
        pen.oval("body", 0.09, 0.46, 0.08, 0.05, dark)
        cat_head(pen, color, rng, 0.0, -0.14, 0.21)
    else:  # face only
        cat_head(pen, color, rng, 0.0, 0.03, 0.40)


def cat_head(pen, color, rng, x, y, r):
    for s in (-1, 1):
        outer = [(s * r * 0.92, -r * 0.25), (s * r * 0.86, -r * 1.42), (s * r * 0.18, -r * 0.86)]
        inner = [(s * r * 0.80, -r * 0.50), (s * r * 0.78, -r * 1.16), (s * r * 0.36, -r * 0.80)]
        pen.poly("ears", [(x + dx, y + dy) for dx, dy in outer], color)
        pen.poly("ears", [(x + dx, y + dy) for dx, dy in inner], (232, 160, 160))
    pen.oval("head", x, y, r * 1.05, r * 0.92, color)
    if rng.random() < 0.5:  # stripes on the forehead
        dark = shade(color, 0.72)
        for dx in (-0.25, 0, 0.25):
            pen.line("head", x + dx * r, y - r * 0.85, x + dx * r * 0.8, y - r * 0.5, dark, 0.02)
    iris = rng.choice([(120, 190, 60), (220, 190, 50), (90, 160, 210)])
    for s in (-1, 1):
        pen.oval("eyes", x + s * r * 0.42, y - r * 0.08, r * 0.19, r * 0.17, iris)
        pen.oval("eyes", x + s * r * 0.42, y - r * 0.08, r * 0.06, r * 0.16, INK)
    nose = [(x - r * 0.10, y + r * 0.24), (x + r * 0.10, y + r * 0.24), (x, y + r * 0.38)]
    pen.poly("nose", nose, (226, 120, 130))
    whisker = (60, 60, 60) if sum(color) > 300 else (220, 220, 220)
    for s in (-1, 1):
        for dy in (-0.06, 0.05, 0.16):
            start, end = (x + s * r * 0.25, y + r * 0.38), (x + s * r * 1.25, y + r * (0.36 + dy * 2))
            pen.line("head", *start, *end, whisker, 0.008)


def draw_dog(pen, color, rng):
    if rng.random() < 0.6:  # standing, full body
        pen.poly("tail", [(0.30, 0.12), (0.44, -0.12), (0.38, -0.14), (0.24, 0.08)], color)
        pen.oval("body", 0.05, 0.20, 0.30, 0.16, color)
        for x in (-0.18, -0.06, 0.16, 0.27):
            pen.rect("legs", x - 0.035, 0.26, x + 0.035, 0.48, color)
        dog_head(pen, color, rng, -0.22, -0.10, 0.19)
    else:  # face only
        dog_head(pen, color, rng, 0, 0, 0.38)


def dog_head(pen, color, rng, x, y, r):
    pen.oval("head", x, y, r * 0.88, r, color)
    for s in (-1, 1):
        pen.oval("ears", x + s * r * 0.95, y + r * 0.05, r * 0.26, r * 0.68, shade(color, 0.6))
    muzzle = shade(color, 1.25) if sum(color) < 600 else (245, 240, 230)
    pen.oval("muzzle", x, y + r * 0.45, r * 0.52, r * 0.42, muzzle)
    pen.oval("nose", x, y + r * 0.26, r * 0.19, r * 0.14, (24, 22, 22))
    if rng.random() < 0.5:
        pen.oval("tongue", x, y + r * 0.80, r * 0.15, r * 0.22, (226, 96, 110))
    for s in (-1, 1):
        pen.oval("eyes", x + s * r * 0.34, y - r * 0.22, r * 0.12, r * 0.13, (28, 22, 20))


def draw_bird(pen, color, rng):
    dark = shade(color, 0.72)
    pen.poly("tail", [(0.22, 0.08), (0.50, 0.00), (0.48, 0.18), (0.24, 0.20)], dark)
    for x in (-0.05, 0.06):
        pen.line("legs", x, 0.26, x, 0.44, (200, 130, 40), 0.02)
    pen.oval("body", 0.02, 0.10, 0.28, 0.20, color)
    pen.oval("head", -0.22, -0.10, 0.15, 0.15, color)
    pen.poly("beak", [(-0.34, -0.15), (-0.54, -0.07), (-0.34, -0.03)], (240, 170, 40))
    pen.oval("eyes", -0.26, -0.13, 0.03, 0.035, INK)
    if rng.random() < 0.5:  # raised
        tip = (0.30, -0.02 - rng.random() * 0.35)
        pen.poly("wing", [(-0.08, 0.02), (0.26, 0.06), tip, (0.05, -0.02)], dark)
    else:
        pen.oval("wing", 0.08, 0.10, 0.18, 0.10, dark)


def draw_rat(pen, color, rng):
    del rng  # every rat has the same shape
    tail = [(0.30, 0.16), (0.52, 0.10), (0.56, -0.14), (0.58, -0.13), (0.56, 0.14), (0.32, 0.22)]
    body = [(-0.46, 0.20), (-0.30, 0.02), (-0.05, -0.10), (0.20, -0.06), (0.34, 0.10), (0.32, 0.26),
            (-0.30, 0.28)]
    pen.poly("tail", tail, (220, 150, 150))
    pen.poly("body", body, color)
    pen.oval("ears", -0.14, -0.12, 0.10, 0.11, shade(color, 0.85))
    pen.oval("ears", -0.14, -0.12, 0.06, 0.07, (232, 166, 166))
    pen.oval("nose", -0.46, 0.19, 0.035, 0.03, (220, 110, 120))
    pen.oval("eyes", -0.27, 0.07, 0.025, 0.03, (12, 12, 12))
    for x in (-0.2, 0.2):
        pen.oval("feet", x, 0.29, 0.07, 0.03, (228, 170, 160))
    for dy in (-0.03, 0.02, 0.06):  # whiskers
        pen.line("body", -0.42, 0.20, -0.56, 0.20 + dy * 2, (70, 70, 70), 0.008)
