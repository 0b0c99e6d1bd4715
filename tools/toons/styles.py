"""The image styles that prompt templates name: their random parameters and their application."""

import io

from PIL import Image, ImageFilter

# Frequency of each style; the other images have none.
STYLES = {
    "black and white": 0.05,
    "blurry": 0.05,
    "pixelated": 0.04,
    "low resolution": 0.04,
    "dark": 0.05,
    "bright": 0.05,
    "jpeg corrupted": 0.04,
    "sketch": 0.08,
}


def draw_style(rng):
    """A random style with the frequencies of STYLES, or "" for none; one draw."""
    u = rng.random()
    for style, frequency in STYLES.items():
        if u < frequency:
            return style
        u -= frequency
    return ""


def draw_strength(style, rng):
    """The style's parameter: blur radius, pixels per side or JPEG quality; None if it has none."""
    if style == "blurry":
        return rng.uniform(1.4, 2.2)
    if style == "pixelated":
        return rng.choice([16, 20, 24])
    if style == "low resolution":
        return rng.choice([24, 30])
    if style == "jpeg corrupted":
        return rng.randint(3, 8)
    return None


def apply_style(image, style, strength):
    """The image in a style. A sketch is unchanged, because it is drawn as one."""
    if style == "black and white":
        return image.convert("L").convert("RGB")
    if style == "blurry":
        return image.filter(ImageFilter.GaussianBlur(strength))
    if style in ("pixelated", "low resolution"):
        filter_up = Image.NEAREST if style == "pixelated" else Image.BICUBIC
        return image.resize((strength, strength), Image.BOX).resize(image.size, filter_up)
    if style == "dark":
        return image.point(lambda v: int(v * 0.42))
    if style == "bright":
        return image.point(lambda v: int(255 - (255 - v) * 0.5))
    if style == "jpeg corrupted":
        file = io.BytesIO()
        image.save(file, "JPEG", quality=strength)
        return Image.open(io.BytesIO(file.getvalue())).convert("RGB")
    return image
