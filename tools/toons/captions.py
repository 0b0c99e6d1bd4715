"""True captions of an image. Each has claims, with which claims.true_of checks the caption against
any other image."""

GENERIC = [
    "a photo of a {}.", "a photo of the {}.", "a good photo of a {}.", "a good photo of the {}.",
    "a photo of my {}.", "a photo of a nice {}.", "a photo of the nice {}.", "a photo of the cool {}.",
    "a photo of a cool {}.", "a photo of one {}.", "a rendering of a {}.", "a rendering of the {}.",
    "a rendition of a {}.", "a rendition of the {}.", "a painting of a {}.", "a painting of the {}.",
    "a cartoon {}.", "the cartoon {}.", "art of a {}.", "art of the {}.", "itap of a {}.",
    "itap of the {}.", "itap of my {}.", "a {} in a video game.", "the {} in a video game.",
    "a plastic {}.", "the plastic {}.", "a toy {}.", "the toy {}.", "a plushie {}.", "the plushie {}.",
    "a embroidered {}.", "the embroidered {}.", "a origami {}.", "the origami {}.",
    "graffiti of a {}.", "graffiti of the {}.", "a tattoo of a {}.", "a tattoo of the {}.",
    "a sculpture of a {}.", "a sculpture of the {}.", "a photo of a clean {}.",
    "a photo of the clean {}.", "a photo of a dirty {}.", "a photo of the dirty {}.",
    "a photo of a weird {}.", "a photo of the weird {}.", "{}", "a {}", "the {}",
]
STYLED = {
    "black and white": ["a black and white photo of a {}.", "a black and white photo of the {}."],
    "blurry": ["a blurry photo of a {}.", "a blurry photo of the {}.", "a bad photo of a {}."],
    "pixelated": ["a pixelated photo of a {}.", "a pixelated photo of the {}."],
    "low resolution": ["a low resolution photo of a {}.", "a low resolution photo of the {}.",
                       "a bad photo of the {}."],
    "dark": ["a dark photo of a {}.", "a dark photo of the {}.", "a photo of the hard to see {}.",
             "a photo of a hard to see {}."],
    "bright": ["a bright photo of a {}.", "a bright photo of the {}."],
    "jpeg corrupted": ["a jpeg corrupted photo of a {}.", "a jpeg corrupted photo of the {}."],
    "sketch": ["a sketch of a {}.", "a sketch of the {}.", "a drawing of a {}.",
               "a drawing of the {}.", "a doodle of a {}.", "a doodle of the {}."],
}
SMALL = ["a photo of a small {}.", "a photo of the small {}."]
LARGE = ["a photo of a large {}.", "a photo of the large {}.", "a close-up photo of a {}.",
         "a close-up photo of the {}.", "a cropped photo of a {}.", "a cropped photo of the {}."]
MANY = ["a photo of many {}."]

COLORLESS = ("black and white", "sketch")  # styles without colours
SMALL_BELOW, LARGE_ABOVE = 0.5, 0.85  # sizes, as fractions of the image's side
LEFT_BELOW, RIGHT_ABOVE = 0.42, 0.58  # x of the centre, as a fraction of the width


def no_claims():
    """The claims of a caption, all empty. nouns: (class, colour or "") each. side, size and left_of
    apply to the first noun; left_of: it is left of the second noun."""
    return {"style": "", "nouns": [], "side": "", "size": "", "left_of": False, "many": False}


def caption(contents, rng):
    """(text, claims) of a random true caption."""
    claims = no_claims()
    if contents.many:
        claims["many"] = True
        template = rng.choice(MANY)
        return template.format(noun(contents.things[0], contents, claims, rng)), claims
    if len(contents.things) == 1:
        return caption_of_one(contents, claims, rng), claims
    return caption_of_several(contents, claims, rng), claims


def noun(thing, contents, claims, rng):
    """The thing's class, sometimes with its colour."""
    colored = contents.style not in COLORLESS and rng.random() < 0.4
    claims["nouns"].append((thing.name, thing.color if colored else ""))
    return f"{thing.color} {thing.name}" if colored else thing.name


def caption_of_one(contents, claims, rng):
    thing, style = contents.things[0], contents.style
    pools = [(GENERIC, {})]
    if style:
        pools += [(STYLED[style], {"style": style})] * 3
    if thing.size < SMALL_BELOW:
        pools.append((SMALL, {"size": "small"}))
    if thing.size > LARGE_ABOVE:
        pools.append((LARGE, {"size": "large"}))
    templates, claimed = rng.choice(pools)
    claims.update(claimed)
    text = rng.choice(templates).format(noun(thing, contents, claims, rng))
    if not claims["size"] and rng.random() < 0.12:
        if thing.cx < LEFT_BELOW:
            claims["side"] = "left"
        elif thing.cx > RIGHT_ABOVE:
            claims["side"] = "right"
        if claims["side"]:
            text = text.rstrip(".") + f" on the {claims['side']}."
    return text


def caption_of_several(contents, claims, rng):
    things, style = list(contents.things), contents.style
    rng.shuffle(things)
    if rng.random() < 0.35:  # names only one of the things
        plain = not style or rng.random() < 0.5
        claims["style"] = "" if plain else style
        template = rng.choice(GENERIC if plain else STYLED[style])
        return template.format(noun(things[0], contents, claims, rng))
    if not style or rng.random() < 0.5:
        opening = rng.choice(["a photo of ", "", "a picture of ", "a cartoon of "])
    else:
        opening = rng.choice(STYLED[style]).split("of ")[0] + "of "
        claims["style"] = style
    if len(things) == 2 and rng.random() < 0.4:
        return opening + side_by_side(things, contents, claims, rng)
    words = [f"a {noun(thing, contents, claims, rng)}" for thing in things]
    return opening + ", ".join(words[:-1]) + " and " + words[-1] + "."


def side_by_side(things, contents, claims, rng):
    first, second = things
    claims["left_of"] = True
    if first.cx >= second.cx and rng.random() < 0.5:
        text = f"a {noun(first, contents, claims, rng)} to the right of " \
               f"a {noun(second, contents, claims, rng)}."
        claims["nouns"].reverse()
        return text
    if first.cx >= second.cx:
        first, second = second, first
    return f"a {noun(first, contents, claims, rng)} to the left of " \
           f"a {noun(second, contents, claims, rng)}."
