#!/usr/bin/env python3
"""Trains the cartoon CLIP from scratch and writes a checkpoint folder.

    python3 tools/toons/train.py build/toons --images 60000 --steps 2500
    python3 tools/toons/train.py build/toons --images 2000 --steps 100      # quick test

Uses a GPU if there is one. The checkpoint is written every 500 steps and at the end.
"""

import argparse
import math
import pathlib
import random
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

from attributes import AttributeHead, attribute_targets
from bpe import Tokenizer, learn
from captions import caption
from checkpoint import new_config, normalise, save
from claims import content_arrays, truth_table
from model import CLIP
from progress import Progress
from training_images import draw_images

MERGES = 300
CAPTIONS_TO_LEARN_FROM = 20_000
BATCH = 256
WARM_UP, TOP_RATE = 150, 1.5e-3
REMOVE_UNTIL = 0.8  # fraction of the training with half of the patches removed
ATTRIBUTE_WEIGHT = 10
SAVE_EVERY = 500


class Training:
    """The images, the model and the random generators of a run."""

    def __init__(self, options):
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.bfloat16 = options.bfloat16 or self.device == "cuda"
        self.batch = options.batch
        torch.manual_seed(0)
        self.images, self.contents = draw_images(options.images, options.workers)
        self.arrays = content_arrays(self.contents)
        self.rng, self.numpy_rng = random.Random(1), np.random.default_rng(2)
        texts = [caption(self.rng.choice(self.contents), self.rng)[0]
                 for _ in range(CAPTIONS_TO_LEARN_FROM)]
        self.vocab, self.merges = learn(texts, MERGES)
        self.config = new_config(len(self.vocab))
        context = self.config["text_config"]["max_position_embeddings"]
        self.tokenizer = Tokenizer(self.vocab, self.merges, context)
        self.net = CLIP(self.config).to(self.device)
        self.head = AttributeHead(self.config["vision_config"]["hidden_size"]).to(self.device)
        self.targets = attribute_targets(self.arrays)
        self.parameters = list(self.net.parameters()) + list(self.head.parameters())
        self.optimizer = new_optimizer(self.parameters)

    def step(self, done):
        """Makes one step; `done` is the finished fraction of the training. Returns the two losses and
        the fraction of images whose best caption is true."""
        chosen = self.numpy_rng.integers(0, len(self.images), self.batch)
        captions = [caption(self.contents[i], self.rng) for i in chosen]
        holds = truth_table([claims for _, claims in captions], self.arrays, chosen)
        holds = torch.from_numpy(holds).float().to(self.device)  # captions × images
        pixels = normalise(self.images[chosen]).to(self.device)
        ids = self.encode([text for text, _ in captions])
        with torch.autocast(self.device, torch.bfloat16, enabled=self.bfloat16):
            pooled = self.net.vision_model(self.embed(pixels, done))
            images, texts = self.net.visual_projection(pooled), self.net.text(ids)
            attributes = self.head(pooled)
        images, texts = F.normalize(images.float(), dim=-1), F.normalize(texts.float(), dim=-1)
        logits = self.net.logit_scale.exp().clamp(max=100) * images @ texts.T
        contrastive = contrastive_loss(logits, holds.T)
        targets = self.targets[chosen].to(self.device)
        named = F.binary_cross_entropy_with_logits(attributes.float(), targets) * ATTRIBUTE_WEIGHT
        self.descend(contrastive + named * (1 - done))
        best = logits.argmax(1)
        true_first = holds.T[torch.arange(len(best)), best].mean()
        return contrastive.item(), named.item(), true_first.item()

    def encode(self, texts):
        """(texts, longest text) ids."""
        ids = torch.tensor([self.tokenizer(text) for text in texts])
        longest = int((ids == len(self.vocab) - 1).float().argmax(1).max()) + 1
        return ids[:, :longest].to(self.device)

    def embed(self, pixels, done):
        """Class token and patches. For most of the training, a random half of the patches is removed:
        this is twice as fast, and the model learns to handle missing patches."""
        embedded = self.net.vision_model.embeddings(pixels)
        if done >= REMOVE_UNTIL:
            return embedded
        patches = embedded.shape[1] - 1
        order = torch.rand(len(pixels), patches, device=self.device).argsort(1)
        kept = order[:, :patches // 2] + 1
        kept = kept[:, :, None].expand(-1, -1, embedded.shape[2])
        return torch.cat([embedded[:, :1], embedded.gather(1, kept)], 1)

    def descend(self, loss):
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()

    def set_rate(self, step, done):
        rate = TOP_RATE * min(1, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * done))
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def save(self, folder):
        save(self.net, self.config, self.vocab, self.merges, folder)


def new_optimizer(parameters):
    """AdamW with weight decay on matrices only."""
    groups = [{"params": [p for p in parameters if p.ndim > 1], "weight_decay": 0.05},
              {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.98))


def contrastive_loss(logits, holds):
    """Symmetric cross entropy between images and captions; every caption that is true of an image
    is a positive. Both arguments are (images, captions)."""
    by_image = -(holds / holds.sum(1, keepdim=True) * logits.log_softmax(1)).sum(1).mean()
    by_caption = -(holds / holds.sum(0, keepdim=True) * logits.log_softmax(0)).sum(0).mean()
    return (by_image + by_caption) / 2


def train(options):
    start = time.monotonic()
    training = Training(options)
    progress = Progress("step", options.steps, every=10.0)
    for step in range(options.steps):
        done = max(step / options.steps, (time.monotonic() - start) / options.seconds)
        if done >= 1:
            break
        training.set_rate(step, done)
        contrastive, named, true_first = training.step(done)
        progress.done(f"(contrastive {contrastive:.3f}, attributes {named:.3f}, "
                      f"best caption true {true_first:.3f})")
        if (step + 1) % SAVE_EVERY == 0:
            training.save(options.folder)
    training.save(options.folder)


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected an integer of at least 1, got {text}")
    return value


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="output folder of the checkpoint")
    parser.add_argument("--images", type=positive, default=60_000, help="number of training images (default: 60000)")
    parser.add_argument("--steps", type=positive, default=2500,
                        help="number of training steps (default: 2500)")
    parser.add_argument("--batch", type=positive, default=BATCH, help="pairs per step (default: 256)")
    parser.add_argument("--seconds", type=float, default=math.inf,
                        help="time limit; the learning-rate schedule then follows the clock")
    parser.add_argument("--bfloat16", action="store_true", help="use bfloat16 on a CPU too")
    parser.add_argument("--workers", type=positive, help="drawing processes (default: all processors)")
    try:
        train(parser.parse_args(arguments))
    except OSError as error:
        sys.exit(f"train: {error}")


if __name__ == "__main__":
    main()
