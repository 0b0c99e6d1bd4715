#!/usr/bin/env python3
"""Writes tests/golden/image/resize/torchvision_FILTER_SOURCE_WxH.ppm: SOURCE.ppm resized as an 8-bit tensor, as transformers'
fast image processors do.

    pip install torch torchvision pillow numpy
    ATEN_CPU_CAPABILITY=avx2 python3 tools/make_torchvision_goldens.py tests/golden/image/resize

With AVX-512, torchvision 0.21 resizes bilinearly in floating point, which differs by one level in places.
"""
import pathlib
import sys

import numpy
import torch
from PIL import Image
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2.functional import resize

SIZES = {
    "bicubic": [("drawing", 21, 21), ("drawing", 61, 13), ("drawing", 17, 80), ("drawing", 64, 30), ("wide", 97, 3), ("tall", 20, 90)],
    "bilinear": [("drawing", 21, 21), ("drawing", 17, 80), ("wide", 97, 3)],
}

folder = pathlib.Path(sys.argv[1])
for name, cases in SIZES.items():
    for source, width, height in cases:
        image = torch.from_numpy(numpy.array(Image.open(folder / f"{source}.ppm"))).permute(2, 0, 1).contiguous()
        small = resize(image, [height, width], interpolation=InterpolationMode[name.upper()], antialias=True)
        Image.fromarray(small.permute(1, 2, 0).contiguous().numpy()).save(folder / f"torchvision_{name}_{source}_{width}x{height}.ppm")
