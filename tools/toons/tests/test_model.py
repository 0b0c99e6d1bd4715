"""The model in PyTorch against the golden files. Needs PyTorch."""

import json

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="needs PyTorch (Debian: python3-torch)")

from checkpoint import load, normalise, read_safetensors  # noqa: E402
from zero_shot import class_embeddings, class_logits  # noqa: E402

# The golden values were computed in float64, the model uses float32.
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def model(root):
    return load(root / "models/toons")


@pytest.fixture(scope="module")
def golden(root):
    return read_safetensors(root / "tests/golden/toons/cat_and_dog.safetensors")


@pytest.fixture(scope="module")
def image(root):
    image = Image.open(root / "tests/golden/toons/images/cat_and_dog.png").convert("RGB")
    return np.asarray(image)[None]


def test_a_golden_image_has_the_embedding_of_the_golden_file(model, golden, image):
    with torch.no_grad():
        embedding = model[0].image(normalise(image))[0]
    assert (embedding - golden["embedding"]).abs().max() < TOLERANCE


def test_prompts_have_the_embeddings_of_the_golden_file(root, model):
    net, tokenizer = model
    texts = json.loads((root / "tests/golden/toons/prompts.json").read_text())["prompts"][::40]
    expected = read_safetensors(root / "tests/golden/toons/prompts.safetensors")["text_embedding"][::40]
    with torch.no_grad():
        embeddings = net.text(torch.tensor([tokenizer(text) for text in texts]))
    assert (embeddings - expected).abs().max() < TOLERANCE


def test_a_golden_image_has_the_class_logits_of_the_golden_file(root, model, golden, image):
    prompts = json.loads((root / "tests/golden/toons/prompts.json").read_text())
    embeddings = class_embeddings(*model, prompts["classes"][:2], prompts["templates"])
    logits = class_logits(model[0], embeddings, image)[0]
    assert (logits - golden["class_logits"][:2]).abs().max() < TOLERANCE


def test_a_file_in_another_format_is_refused_with_its_name(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"\xff" * 20)
    with pytest.raises(ValueError, match="model.safetensors: expected a safetensors file"):
        read_safetensors(path)
