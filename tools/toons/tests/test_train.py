"""The training program. Needs PyTorch."""

import json

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch (Debian: python3-torch)")

import train  # noqa: E402
from checkpoint import load, read_safetensors  # noqa: E402
from train import contrastive_loss  # noqa: E402


def test_two_steps_on_eight_images_write_a_checkpoint_like_the_embedded_one(root, tmp_path, monkeypatch):
    monkeypatch.setattr(train, "CAPTIONS_TO_LEARN_FROM", 200)
    monkeypatch.setattr(train, "MERGES", 20)
    train.main([str(tmp_path / "toons"), "--images", "8", "--steps", "2", "--batch", "8",
                "--workers", "1"])
    embedded = root / "models/toons"
    words = {"README.md", "image_mean.txt", "words.txt"}  # not written by the training
    assert {p.name for p in (tmp_path / "toons").iterdir()} == {p.name for p in embedded.iterdir()} - words
    written = read_safetensors(tmp_path / "toons/model.safetensors")
    shipped = read_safetensors(embedded / "model.safetensors")
    tokens = "text_model.embeddings.token_embedding.weight"
    assert {k: (v.shape, v.dtype) for k, v in written.items() if k != tokens} == \
           {k: (v.shape, v.dtype) for k, v in shipped.items() if k != tokens}
    vocab = json.loads((tmp_path / "toons/vocab.json").read_text())
    assert written[tokens].shape == (len(vocab), 128)
    load(tmp_path / "toons")


def test_every_true_caption_is_a_positive():
    # Two captions that are both true of both images: equal logits have the lowest loss.
    holds = torch.ones(2, 2)
    even = contrastive_loss(torch.zeros(2, 2), holds)
    assert even.item() == pytest.approx(0.693147, abs=1e-6)  # log 2
    assert contrastive_loss(torch.tensor([[4.0, 0], [0, 4]]), holds) > even


def test_a_perfect_match_has_zero_loss():
    assert contrastive_loss(torch.eye(3) * 50, torch.eye(3)).item() < 1e-6
