#!/usr/bin/env python3
"""Writes the checkpoints of tests/unit/io/pytorch with PyTorch's own saving code.

Needs torch and numpy. Run from the root of the repository:
    python3 tools/make_pytorch_files.py tests/unit/io/pytorch
The values are those that tests/unit/io/pytorch_file_test.cpp expects.
"""

import argparse
import pathlib
import sys
from collections import OrderedDict

import numpy
import torch


def state_dict():
    matrix = torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4
    base = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    return OrderedDict(
        [
            ("a.weight", matrix),
            ("a.half", torch.tensor([1.0, -2.0], dtype=torch.float16)),
            ("a.bfloat", torch.tensor([[3.0, -0.5]], dtype=torch.bfloat16)),
            ("a.double", torch.tensor(2.5, dtype=torch.float64)),
            ("a.ids", torch.arange(3).expand(1, -1)),
            ("a.mask", torch.tensor([True, False])),
            ("a.empty", torch.zeros(0, 4)),
            ("tied.weight", matrix),
            ("view.rows", base[1:]),
            ("view.columns", base[:, 1:3]),
            ("view.transposed", base.t()),
            ("view.expanded", torch.tensor([7.0]).expand(2, 2)),
        ]
    )


class Branch(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
        self.scale = 0.5

    def forward(self, x):
        return x @ self.weight * self.scale


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.branches = torch.nn.Sequential(Branch(), Branch())
        self.norm = torch.nn.LayerNorm(2)
        self.register_buffer("size", torch.tensor(224))
        self.sizes = [1, 2]

    def forward(self, x):
        return self.norm(self.branches(x)) * len(self.sizes)


def training_checkpoint():
    """What a training loop saves: weights of a wrapped model, the state of AdamW, and its settings."""
    model = torch.nn.Linear(3, 2)
    with torch.no_grad():
        model.weight.copy_(torch.arange(6.0).reshape(2, 3))
        model.bias.fill_(9)
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    with torch.no_grad():
        model.weight.copy_(torch.arange(6.0).reshape(2, 3))
        model.bias.fill_(9)
    return {
        "epoch": 3,
        "name": "test",
        "best": numpy.float64(0.75),
        "args": argparse.Namespace(lr=1e-3, model="ViT-B-32"),
        "state_dict": OrderedDict(("module." + name, value) for name, value in model.state_dict().items()),
        "state_dict_ema": model.state_dict(),
        "optimizer": optimizer.state_dict(),
    }


def parameters():
    marked = torch.nn.Parameter(torch.tensor([2.0]))
    marked.is_special = True
    tensor = torch.tensor([3.0])
    tensor.is_special = True
    return {"plain": torch.nn.Parameter(torch.tensor([1.0])), "marked": marked, "tensor": tensor, "version": 2}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(state_dict(), folder / "zip.pt")
    torch.save(state_dict(), folder / "protocol_4.pt", pickle_protocol=4)
    torch.save(state_dict(), folder / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(training_checkpoint(), folder / "training.pt")
    torch.save(parameters(), folder / "parameters.pt")
    torch.save(torch.nn.Linear(1, 1), folder / "module.pt")
    torch.save({"a": torch.eye(2).to_sparse()}, folder / "sparse.pt")
    torch.save({"a": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)}, folder / "quantised.pt")
    torch.save({"a": torch.view_as_complex(torch.ones(2, 2)).conj().imag}, folder / "negated.pt")
    torch.jit.save(torch.jit.script(Network()), folder / "script.pt")


if __name__ == "__main__":
    main()
