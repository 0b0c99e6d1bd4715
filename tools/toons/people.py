"""Man, woman, boy and girl. Each function takes a pen, the colour of the clothes and a random generator."""

from palette import HAIR, SKIN, jitter, shade


def draw_man(pen, color, rng):
    person(pen, color, rng, head=0.11, hair_kind="short", beard=rng.random() < 0.75)


def draw_woman(pen, color, rng):
    person(pen, color, rng, head=0.11, hair_kind="long", dress=True)


def draw_boy(pen, color, rng):
    person(pen, color, rng, head=0.17, hair_kind=rng.choice(["cap", "short"]), child=True)


def draw_girl(pen, color, rng):
    person(pen, color, rng, head=0.17, hair_kind="pigtails", dress=True, child=True)


def person(pen, color, rng, head, hair_kind, dress=False, child=False, beard=False):
    skin, hair = rng.choice(SKIN), rng.choice(HAIR)
    y = -0.20 if child else -0.30  # centre of the head
    neck = y + head
    arm = rng.uniform(-0.12, 0.12)
    hair_behind(pen, hair_kind, hair, head, y)
    for s in (-1, 1):
        sleeve = [(s * 0.09, neck + 0.04), (s * 0.24, neck + 0.22 + s * arm),
                  (s * 0.20, neck + 0.25 + s * arm), (s * 0.06, neck + 0.12)]
        pen.poly("arms", sleeve, skin)
    if dress:
        dress_and_legs(pen, color, skin, neck)
    else:
        trousers_and_shirt(pen, color, skin, neck, child, rng)
    pen.oval("head", 0, y, head * 0.92, head, skin)
    hair_in_front(pen, hair_kind, hair, head, y)
    if hair_kind == "cap":
        cap(pen, color, head, y)
    for s in (-1, 1):
        pen.oval("eyes", s * head * 0.36, y, head * 0.11, head * 0.13, (20, 18, 18))
    if beard:
        full = [(-head * 0.75, y + head * 0.2), (head * 0.75, y + head * 0.2),
                (head * 0.4, y + head * 1.15), (-head * 0.4, y + head * 1.15)]
        pen.poly("beard", full, hair)
    else:
        pen.oval("mouth", 0, y + head * 0.45, head * 0.28, head * 0.09, (190, 70, 80))


def hair_behind(pen, kind, hair, head, y):
    if kind == "long":
        fall = [(-head * 1.15, y - head * 0.3), (head * 1.15, y - head * 0.3),
                (head * 1.3, y + head * 1.9), (-head * 1.3, y + head * 1.9)]
        pen.poly("hair", fall, hair)
    if kind == "pigtails":
        for s in (-1, 1):
            pen.oval("hair", s * head * 1.38, y + head * 0.15, head * 0.42, head * 0.62, hair)


def hair_in_front(pen, kind, hair, head, y):
    if kind in ("short", "long", "pigtails"):
        fringe = [(-head * 0.95, y - head * 0.15), (-head * 0.7, y - head * 0.95),
                  (0, y - head * 1.18), (head * 0.7, y - head * 0.95),
                  (head * 0.95, y - head * 0.15), (head * 0.4, y - head * 0.45),
                  (-head * 0.4, y - head * 0.45)]
        pen.poly("hair", fringe, hair)


def cap(pen, color, head, y):
    shape = [(-head * 1.0, y - head * 0.3), (-head * 0.8, y - head * 1.0),
             (head * 0.8, y - head * 1.0), (head * 1.0, y - head * 0.3),
             (head * 1.6, y - head * 0.25), (head * 1.5, y - head * 0.1),
             (-head * 1.0, y - head * 0.1)]
    pen.poly("hat", shape, shade(color, 0.8))


def dress_and_legs(pen, color, skin, neck):
    for s in (-1, 1):
        pen.rect("legs", s * 0.06 - 0.03, 0.28, s * 0.06 + 0.03, 0.48, skin)
    pen.poly("dress", [(-0.07, neck), (0.07, neck), (0.22, 0.34), (-0.22, 0.34)], color)


def trousers_and_shirt(pen, color, skin, neck, child, rng):
    cloth = jitter(rng, (70, 80, 120)) if child else shade(color, 0.45)
    for s in (-1, 1):
        pen.rect("legs", s * 0.065 - 0.045, 0.16, s * 0.065 + 0.045, 0.32 if child else 0.48, cloth)
        if child:  # short trousers
            pen.rect("legs", s * 0.065 - 0.03, 0.32, s * 0.065 + 0.03, 0.48, skin)
    pen.rect("shirt", -0.12, neck, 0.12, 0.20, color)
