"""Building and tree. Each function takes a pen, the thing's colour and a random generator."""

from palette import jitter, shade


def draw_building(pen, color, rng):
    w, h = rng.uniform(0.20, 0.38), rng.uniform(0.36, 0.48)
    roof = rng.random()
    pen.rect("wall", -w, -h + 0.1, w, 0.48, color)
    if roof < 0.4:
        gable = [(-w - 0.04, -h + 0.1), (0, -h - 0.12), (w + 0.04, -h + 0.1)]
        pen.poly("roof", gable, shade(color, 0.6))
    elif roof < 0.7:
        pen.rect("roof", -w - 0.02, -h + 0.06, w + 0.02, -h + 0.12, shade(color, 0.6))
    columns, floors = rng.randint(2, 4), rng.randint(3, 5)
    glass = rng.choice([(250, 230, 130), (150, 200, 230), (60, 80, 110)])
    half = w / columns * 0.5
    for i in range(columns):
        for j in range(floors):
            x = -w + (i + 0.5) * 2 * w / columns
            y = -h + 0.16 + (j + 0.4) * (0.44 + h - 0.16) / (floors + 0.4)
            pen.rect("windows", x - half, y - 0.035, x + half, y + 0.035, glass)
    pen.rect("door", -0.05, 0.36, 0.05, 0.48, shade(color, 0.4))


def draw_tree(pen, color, rng):
    pen.rect("trunk", -0.055, 0.08, 0.055, 0.48, (112, 74, 44))
    if rng.random() < 0.5:  # round
        for x, y, r in ((-0.16, -0.02, 0.2), (0.16, -0.02, 0.2), (0, -0.20, 0.24), (0, 0.02, 0.2)):
            pen.oval("crown", x, y, r, r, jitter(rng, color, 14))
    else:  # a fir
        for k in range(3):
            y = 0.22 - k * 0.22
            w = 0.34 - k * 0.07
            pen.poly("crown", [(-w, y), (w, y), (0, y - 0.30)], jitter(rng, color, 12))
