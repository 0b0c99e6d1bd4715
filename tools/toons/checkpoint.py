"""Reads and writes a checkpoint folder: weights as safetensors, config, vocabulary, preprocessing."""

import json
import math

import numpy as np
import torch

from bpe import END, START, Tokenizer, read_vocabulary
from files import read_json
from model import CLIP

MEAN = [0.48145466, 0.4578275, 0.40821073]
STD = [0.26862954, 0.26130258, 0.27577711]
DTYPES = {"F16": torch.float16, "F32": torch.float32, "I64": torch.int64, "U8": torch.uint8}


def new_config(vocabulary_size):
    """The config of the embedded model."""
    shared = {"hidden_size": 128, "intermediate_size": 512, "num_attention_heads": 4,
              "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5, "projection_dim": 128}
    end = vocabulary_size - 1
    return {
        "model_type": "clip", "architectures": ["CLIPModel"], "projection_dim": 128,
        "logit_scale_init_value": 2.6592,
        "vision_config": {"model_type": "clip_vision_model", **shared, "num_hidden_layers": 5,
                          "image_size": 96, "patch_size": 8},
        "text_config": {"model_type": "clip_text_model", **shared, "num_hidden_layers": 3,
                        "max_position_embeddings": 32, "vocab_size": vocabulary_size,
                        "bos_token_id": end - 1, "eos_token_id": end, "pad_token_id": end},
    }


def normalise(images):
    """(batch, side, side, 3) bytes to the model's input, (batch, 3, side, side)."""
    pixels = torch.from_numpy(np.array(images)).permute(0, 3, 1, 2).float() / 255
    mean, std = (torch.tensor(v)[:, None, None] for v in (MEAN, STD))
    return (pixels - mean) / std


def read_safetensors(path):
    """{name: tensor}. Raises ValueError naming the file if it is not a safetensors file."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > len(data) - 8:
        raise ValueError(f"{path}: expected a safetensors file, got a header of {size} bytes in "
                         f"{len(data)}")
    try:
        header, body = json.loads(data[8:8 + size]), bytearray(data[8 + size:])
        return {name: torch.frombuffer(body, dtype=DTYPES[t["dtype"]], offset=t["data_offsets"][0],
                                       count=math.prod(t["shape"])).reshape(t["shape"])
                for name, t in header.items() if name != "__metadata__"}
    except (UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: not a safetensors file of float16 and float32 ({error})") from None


def write_safetensors(tensors, path):
    """Writes matrices and vectors as float16, the scalar (the logit scale) as float32."""
    header, offset, blobs = {"__metadata__": {"format": "pt"}}, 0, []
    for name in sorted(tensors):
        tensor = tensors[name]
        dtype = "F16" if tensor.ndim else "F32"
        blob = tensor.numpy().astype("<f2" if tensor.ndim else "<f4").tobytes()
        header[name] = {"dtype": dtype, "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(blobs))


def load(folder):
    """(CLIP in float32, Tokenizer) from a checkpoint folder."""
    config = read_json(folder / "config.json", "vision_config", "text_config", "projection_dim")
    net = CLIP(config)
    weights = {k: v.float() for k, v in read_safetensors(folder / "model.safetensors").items()}
    net.load_state_dict(weights)
    context = config["text_config"]["max_position_embeddings"]
    return net.eval(), Tokenizer(*read_vocabulary(folder), context)


def save(net, config, vocab, merges, folder):
    """Writes a checkpoint folder for load() and whyclip --model."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.detach().cpu().contiguous() for name, value in net.state_dict().items()}
    tensors["logit_scale"] = tensors["logit_scale"].clamp(max=math.log(100))
    write_safetensors(tensors, folder / "model.safetensors")
    write_json(config, folder / "config.json", indent=2)
    write_json(vocab, folder / "vocab.json")
    lines = "".join(f"{first} {second}\n" for first, second in merges)
    (folder / "merges.txt").write_text("#version: 0.2\n" + lines, encoding="utf-8")
    write_json(preprocessor(config["vision_config"]["image_size"]), folder / "preprocessor_config.json", 2)
    write_json({"tokenizer_class": "CLIPTokenizer", "bos_token": START, "eos_token": END,
                "pad_token": END, "unk_token": END,
                "model_max_length": config["text_config"]["max_position_embeddings"]},
               folder / "tokenizer_config.json")


def preprocessor(side):
    return {"image_processor_type": "CLIPImageProcessor", "do_resize": True,
            "size": {"shortest_edge": side}, "resample": 3, "do_center_crop": True,
            "crop_size": {"height": side, "width": side}, "do_rescale": True,
            "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": MEAN, "image_std": STD,
            "do_convert_rgb": True}


def write_json(value, path, indent=None):
    path.write_text(json.dumps(value, indent=indent, ensure_ascii=False), encoding="utf-8")
