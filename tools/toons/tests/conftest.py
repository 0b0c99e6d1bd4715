"""Fixtures of the tests: paths, the evaluation set, and the version of Pillow that drew it."""

import json
import pathlib
import sys

import PIL
import pytest

TOONS = pathlib.Path(__file__).resolve().parents[1]
ROOT = TOONS.parents[1]
sys.path.insert(0, str(TOONS))

PILLOW_OF_RECORD = "9.4."


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def recorded_pillow():
    """Skips if Pillow is another version than that of the recorded pixels; it may fill polygons differently."""
    if not PIL.__version__.startswith(PILLOW_OF_RECORD):
        pytest.skip(f"pixels are recorded with Pillow {PILLOW_OF_RECORD}x, this is {PIL.__version__}")


@pytest.fixture(scope="session")
def dataset(root):
    return json.loads((root / "datasets/toons/dataset.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def scenes(dataset):
    """The scene of each image of the evaluation set."""
    from make_evaluation_set import describe_entry

    return [describe_entry(image) for image in dataset["images"]]
