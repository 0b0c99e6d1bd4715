#!/usr/bin/env python3
"""Measures the effect of each thing and each part of the evaluation set on every class's logit.

    python3 tools/toons/measure_effects.py datasets/toons models/toons
    nice -n 19 python3 tools/toons/measure_effects.py datasets/toons models/toons --processes 2

Each image is drawn once for every coalition of its parts, with everything else unchanged, and the
model classifies these images. Their logits give the exact Shapley values of two games: one with the
parts as players, one with the things. An interrupted run can be continued: effects.json.tmp has the
finished images.
"""

import argparse
import functools
import hashlib
import json
import multiprocessing
import os
import pathlib
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one image per process; must be set before NumPy is imported

import numpy as np
import torch

from checkpoint import load
from drawing import draw
from files import read_json, write_images
from make_evaluation_set import describe_entry
from palette import SIZE
from progress import Progress
from shapley import merge_players, shapley_values
from zero_shot import class_embeddings, class_logits

BATCH = 8  # small, so that a layer's activations fit into the processor's cache
DIGITS = 5
ABOUT = ("Class logits of each full image and of its background alone, and the exact Shapley values of "
         "its things and of its parts, from redrawing the scene without them.")


def coalition_values(scene, net, embeddings):
    """(2^parts, classes): the logits of the image with only the parts of each coalition."""
    parts = scene.parts()
    indices, which = {}, []  # equal images are classified once
    for coalition in range(1 << len(parts)):
        without = {part for i, part in enumerate(parts) if not coalition >> i & 1}
        which.append(indices.setdefault(draw(scene, without).tobytes(), len(indices)))
    images = np.frombuffer(b"".join(indices), np.uint8).reshape(-1, SIZE, SIZE, 3)
    logits = [class_logits(net, embeddings, images[first:first + BATCH]).numpy()
              for first in range(0, len(images), BATCH)]
    return np.concatenate(logits).astype(np.float64)[which]


def effects(image, scene, net, embeddings):
    """The entry of an image in effects.json."""
    values = coalition_values(scene, net, embeddings)
    groups = [[] for _ in scene.contents.things]
    for i, (thing, _) in enumerate(scene.parts()):
        groups[thing].append(i)
    things = shapley_values(merge_players(values, groups))
    return {"file": image["file"], "full": rounded(values[-1]), "empty": rounded(values[0]),
            "things": rounded(things), "parts": rounded(shapley_values(values))}


def rounded(values):
    return (np.round(values, DIGITS) + 0.0).tolist()  # + 0.0: no negative zero


def header(dataset, model, templates):
    """The inputs that the effects depend on; a continued run must have the same."""
    return {"format": "whyclip effects 1", "dataset": dataset["name"],
            "model": {"name": model.name, "weights_sha256": sha256(model / "model.safetensors")},
            "templates": templates, "description": ABOUT}


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def resume(path, head, data_sha256):
    """{file: effects} of the images that an interrupted run has finished; creates a missing file."""
    first = json.dumps({"head": head, "dataset_sha256": data_sha256})
    if not path.exists():
        path.write_text(first + "\n", encoding="utf-8")
        return {}
    lines = path.read_text(encoding="utf-8").split("\n")
    if lines[0] != first:
        raise ValueError(f"{path}: was started with other images or another model; remove it to start again")
    finished = [json.loads(line) for line in lines[1:-1]]  # the text after the last line break is incomplete
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    return {entry["file"]: entry for entry in finished}


loaded = functools.lru_cache(load)  # once per process


def measure_image(image, model, embeddings):
    """Calls effects() in a worker process."""
    torch.set_num_threads(1)
    return effects(image, describe_entry(image), loaded(model)[0], torch.from_numpy(embeddings))


def measure(folder, model, templates_file, processes):
    data = folder / "dataset.json"
    dataset = read_json(data, "name", "classes", "images")
    templates = read_json(templates_file, "templates")["templates"]
    head = header(dataset, model, "imagenet")
    unfinished = folder / "effects.json.tmp"
    done = resume(unfinished, head, sha256(data))
    remaining = [p for p in dataset["images"] if p["file"] not in done]
    embeddings = class_embeddings(*loaded(model), dataset["classes"], templates).numpy()
    drawings = {p["file"]: 1 << sum(len(thing["parts"]) for thing in p["things"]) for p in remaining}
    progress = Progress("drawing", sum(drawings.values()))
    work = functools.partial(measure_image, model=model, embeddings=embeddings)
    with open(unfinished, "a", encoding="utf-8") as file, multiprocessing.Pool(processes) as pool:
        for entry in pool.imap_unordered(work, remaining):
            done[entry["file"]] = entry
            file.write(json.dumps(entry) + "\n")
            file.flush()
            progress.done(entry["file"], drawings[entry["file"]])
    write_images(head, [done[p["file"]] for p in dataset["images"]], folder / "effects.json")
    unfinished.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="folder of the evaluation set with dataset.json")
    parser.add_argument("model", type=pathlib.Path, help="checkpoint folder")
    root = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--templates", type=pathlib.Path,
                        default=root / "tests/golden/toons/prompts.json",
                        help="JSON file with ImageNet's prompt templates in \"templates\"")
    parser.add_argument("--processes", type=int, default=1, choices=range(1, 257), metavar="N",
                        help="number of images in parallel (default: 1)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    try:
        measure(arguments.folder, arguments.model, arguments.templates, arguments.processes)
    except (OSError, ValueError) as error:
        sys.exit(f"measure_effects: {error}")


if __name__ == "__main__":
    main()
