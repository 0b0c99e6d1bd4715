#!/usr/bin/env python3
"""Writes tests/golden/image: small images in unusual formats, each with the result of Pillow.

    pip install 'pillow>=13' numpy     # before 13, resize() always does the horizontal pass first
    python3 tools/make_image_goldens.py tests/golden/toons/images tests/golden/image

For image NAME, NAME.ppm is ImageOps.exif_transpose(image).convert("RGB"). NAME.over.ppm is the image blended over
OVER. resize/FILTER_SOURCE_WxH.ppm is resize/SOURCE.ppm resized.
"""

import argparse
import io
import pathlib
import struct
import zlib

import numpy
from PIL import Image, ImageOps, PngImagePlugin

OVER = (10, 200, 90)
ORIENTATION = 0x0112
FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
SIZES = {  # enlarged, shrunk, aspect changed, one side kept, both kept, one pixel
    "drawing": [(101, 77), (21, 21), (61, 13), (17, 80), (64, 48), (64, 30), (23, 48), (1, 1)],
    "wide": [(97, 3), (120, 25)],
    "tall": [(3, 97), (20, 90)],
}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def scanlines(rows):
    return b"".join(b"\0" + row.tobytes() for row in rows)


def png(width, height, depth, colour, lines, interlaced=False, before=b""):
    """A PNG in a format that Pillow does not write."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(lines, 9))
            + chunk(b"IEND", b""))


def packed_grey(grey, depth):
    values = (grey >> (8 - depth)).astype(numpy.uint8)
    bits = ((values[:, :, None] >> numpy.arange(depth - 1, -1, -1)) & 1).astype(numpy.uint8)
    lines = scanlines(numpy.packbits(bits.reshape(grey.shape[0], -1), axis=1))
    return png(grey.shape[1], grey.shape[0], depth, 0, lines)


def sixteen_bits(channels, colour, before=b""):
    """Gives each value a low byte that differs from its high byte."""
    values = channels.astype(numpy.uint16) * 256 + (channels.astype(numpy.uint16) * 7 + 90) % 256
    return png(channels.shape[1], channels.shape[0], 16, colour, scanlines(values.astype(">u2")), before=before)


def adam7(rgb):
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    lines = b"".join(scanlines(rgb[top::down, left::right]) for top, left, down, right in passes
                     if rgb[top::down, left::right].size)
    return png(rgb.shape[1], rgb.shape[0], 8, 2, lines, interlaced=True)


def exif(orientation):
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    return tags.tobytes()


def xmp(orientation):
    return (f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="{orientation}"/>'
            f"</x:xmpmeta>").encode()


def saved(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def with_text(image, key, text, international=False):
    texts = PngImagePlugin.PngInfo()
    (texts.add_itxt if international else texts.add_text)(key, text)
    return saved(image, "PNG", pnginfo=texts)


def png_files(rgb, rgba):
    grey, array = rgb.convert("L"), numpy.asarray(rgb)
    palette = rgb.quantize(32)
    raw = exif(6)
    profile = f"\nexif\n{len(raw):8}\n{raw.hex()}\n"
    key = tuple(int(value) for value in array[0, 0])
    yield "rgb.png", saved(rgb, "PNG")
    yield "rgb_transparent.png", saved(rgb, "PNG", transparency=key)
    yield "rgb16.png", sixteen_bits(array, 2)
    yield "rgba.png", saved(rgba, "PNG")
    yield "rgba16.png", sixteen_bits(numpy.asarray(rgba), 6)
    yield "interlaced.png", adam7(array)
    yield "palette.png", saved(palette, "PNG")
    yield "palette4.png", saved(rgb.quantize(13), "PNG", bits=4)
    yield "palette_transparent.png", saved(palette, "PNG", transparency=bytes(range(0, 256, 8)))
    yield "grey.png", saved(grey, "PNG")
    yield "grey_transparent.png", saved(grey, "PNG", transparency=grey.getpixel((0, 0)))
    yield "grey1.png", saved(rgb.convert("1"), "PNG")
    yield "grey2.png", packed_grey(numpy.asarray(grey), 2)
    yield "grey4.png", packed_grey(numpy.asarray(grey), 4)
    dark = numpy.asarray(grey).astype(numpy.uint16) * 3
    yield "grey16.png", png(grey.width, grey.height, 16, 0, scanlines(dark.astype(">u2")))
    yield "grey_alpha.png", saved(rgba.convert("LA"), "PNG")
    yield "grey_alpha16.png", sixteen_bits(numpy.asarray(rgba.convert("LA")), 4)
    yield "exif.png", saved(rgb, "PNG", exif=exif(8))
    yield "raw_profile.png", with_text(rgb, "Raw profile type exif", profile)
    yield "xmp.png", with_text(rgb, "XML:com.adobe.xmp", xmp(6).decode(), international=True)


def jpeg_files(rgb, small):
    yield "subsampled_420.jpg", saved(rgb, "JPEG", quality=85, subsampling="4:2:0")
    yield "subsampled_422.jpg", saved(rgb, "JPEG", quality=85, subsampling="4:2:2")
    yield "subsampled_444.jpg", saved(rgb, "JPEG", quality=85, subsampling="4:4:4")
    yield "progressive.jpg", saved(rgb, "JPEG", quality=85, progressive=True)
    yield "restarts.jpg", saved(rgb, "JPEG", quality=85, restart_marker_blocks=2)
    yield "stored_rgb.jpg", saved(rgb, "JPEG", quality=85, keep_rgb=True)
    yield "grey.jpg", saved(rgb.convert("L"), "JPEG", quality=85)
    black = Image.fromarray(255 - numpy.asarray(rgb).max(axis=2))
    cmyk = Image.merge("CMYK", [*ImageOps.invert(rgb).split(), black])
    yield "cmyk.jpg", saved(cmyk, "JPEG", quality=85)
    # The same bytes, declared as luminance and chroma: Pillow cannot write this format.
    data = bytearray(saved(cmyk, "JPEG", quality=85))
    data[data.index(b"Adobe") + 11] = 2
    yield "ycck.jpg", bytes(data)
    yield "xmp.jpg", saved(small, "JPEG", quality=85, xmp=xmp(6))
    for orientation in range(1, 9):
        yield f"exif{orientation}.jpg", saved(small, "JPEG", quality=85, exif=exif(orientation))


def webp_files(rgb, rgba):
    yield "lossy.webp", saved(rgb, "WEBP", quality=80)
    yield "lossless.webp", saved(rgb, "WEBP", lossless=True)
    yield "alpha.webp", saved(rgba, "WEBP", quality=80)
    yield "lossless_alpha.webp", saved(rgba, "WEBP", lossless=True, exact=True)
    yield "exif.webp", saved(rgb, "WEBP", quality=80, exif=exif(6))
    yield "xmp.webp", saved(rgb, "WEBP", quality=80, xmp=xmp(3))
    second = ImageOps.invert(rgb)
    yield "animated.webp", saved(rgb, "WEBP", quality=80, save_all=True, append_images=[second], duration=50)


def damaged_files(folder):
    """Damaged files that Pillow can read, made from the intact ones in `folder`."""
    def read(name):
        return (folder / name).read_bytes()

    def with_flipped_bit(data, at):
        return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1:]

    colour, restarts = read("subsampled_420.jpg"), read("restarts.jpg")
    scan = colour.index(b"\xff\xda")
    yield "damaged_bit.jpg", with_flipped_bit(colour, 627)
    yield "damaged_bit_grey.jpg", with_flipped_bit(read("grey.jpg"), 332)
    yield "damaged_bit_progressive.jpg", with_flipped_bit(read("progressive.jpg"), 470)
    yield "damaged_early_end.jpg", colour[:-300] + b"\xff\xd9"
    yield "damaged_lost_bytes.jpg", restarts[:-400] + restarts[-380:]
    yield "damaged_bytes_before_end.jpg", colour[:-2] + b"\1\2\3\4\5" + colour[-2:]
    yield "damaged_bytes_before_scan.jpg", colour[:scan] + b"\1\2\3" + colour[scan:]
    jfif_end = colour.index(b"\xff\xdb")  # without JFIF's marker, Adobe's marker determines the colours
    yield "damaged_adobe.jpg", colour[:2] + b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\x09" + colour[jfif_end:]
    rows = [bytes([0] + [(x + y) % 9 for x in range(39)]) for y in range(20)]
    palette = chunk(b"PLTE", bytes(range(200, 227)))
    yield "damaged_missing_rows.png", png(39, 29, 8, 3, b"".join(rows), before=palette)


def decoded(data):
    return ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")


def over_colour(data):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGBA")
    ground = Image.new("RGB", image.size, OVER)
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def write_resized(drawings, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for source, sizes in SIZES.items():
        drawings[source].save(folder / f"{source}.ppm")
        for name, number in FILTERS.items():
            for size in sizes:
                drawings[source].resize(size, number).save(folder / f"{name}_{source}_{size[0]}x{size[1]}.ppm")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("drawings", type=pathlib.Path, help="folder with cat_and_dog.png and girl_tree_bird.png, 96 x 96")
    parser.add_argument("out", type=pathlib.Path)
    arguments = parser.parse_args()
    drawing = Image.open(arguments.drawings / "cat_and_dog.png").convert("RGB")
    other = Image.open(arguments.drawings / "girl_tree_bird.png").convert("RGB")

    rgb = drawing.crop((20, 30, 59, 59))  # 39 x 29: not a multiple of a JPEG block
    slope = numpy.linspace(0, 255, 39 * 29).reshape(29, 39).astype(numpy.uint8)
    rgba = Image.merge("RGBA", [*rgb.split(), Image.fromarray(slope)])
    arguments.out.mkdir(parents=True, exist_ok=True)
    small = rgb.resize((19, 11))
    for name, data in [*png_files(rgb, rgba), *jpeg_files(rgb, small), *webp_files(rgb, rgba)]:
        path = arguments.out / name
        path.write_bytes(data)
        decoded(data).save(path.with_suffix(path.suffix + ".ppm"))
        if "alpha" in name or "transparent" in name or name.startswith("rgba"):
            over_colour(data).save(path.with_suffix(path.suffix + ".over.ppm"))
    for name, data in damaged_files(arguments.out):
        path = arguments.out / name
        path.write_bytes(data)
        decoded(data).save(path.with_suffix(path.suffix + ".ppm"))
    write_resized({"drawing": other.crop((10, 20, 74, 68)), "wide": other.resize((300, 7)),
                   "tall": other.resize((5, 220))}, arguments.out / "resize")


if __name__ == "__main__":
    main()
