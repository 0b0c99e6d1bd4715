"""A CLIP in PyTorch with the parameter names of Hugging Face's CLIPModel, so that its state dict is a
regular CLIPModel checkpoint."""

import math

import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.k_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.q_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, x, causal, first_only):  # (batch, tokens, width)
        batch, tokens, width = x.shape
        head_width = width // self.heads

        def split(y):
            return y.view(batch, -1, self.heads, head_width).transpose(1, 2)

        queries = x[:, :1] if first_only else x
        scores = split(self.q_proj(queries) * head_width ** -0.5) @ split(self.k_proj(x)).transpose(-1, -2)
        if causal:
            scores = scores + torch.full((tokens, tokens), float("-inf"), device=x.device).triu(1)
        mixed = scores.softmax(-1) @ split(self.v_proj(x))
        return self.out_proj(mixed.transpose(1, 2).reshape(batch, -1, width))


class MLP(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x):
        x = self.fc1(x)
        return self.fc2(x * torch.sigmoid(1.702 * x))  # QuickGELU


class Layer(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.self_attn, self.layer_norm1 = Attention(width, heads), nn.LayerNorm(width)
        self.mlp, self.layer_norm2 = MLP(width, hidden), nn.LayerNorm(width)

    def forward(self, x, causal=False, first_only=False):
        mixed = self.self_attn(self.layer_norm1(x), causal, first_only)
        x = (x[:, :1] if first_only else x) + mixed
        return x + self.mlp(self.layer_norm2(x))


class Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        sizes = config["hidden_size"], config["num_attention_heads"], config["intermediate_size"]
        self.layers = nn.ModuleList([Layer(*sizes) for _ in range(config["num_hidden_layers"])])


class VisionEmbeddings(nn.Module):
    def __init__(self, width, size, patch):
        super().__init__()
        self.class_embedding = nn.Parameter(torch.randn(width) * width ** -0.5)
        self.patch_embedding = nn.Conv2d(3, width, patch, patch, bias=False)
        self.position_embedding = nn.Embedding((size // patch) ** 2 + 1, width)

    def forward(self, pixels):  # (batch, 3, size, size) -> (batch, 1 + patches, width)
        patches = self.patch_embedding(pixels).flatten(2).transpose(1, 2)
        first = self.class_embedding.expand(len(pixels), 1, -1)
        return torch.cat([first, patches], 1) + self.position_embedding.weight


class Vision(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["hidden_size"]
        self.embeddings = VisionEmbeddings(width, config["image_size"], config["patch_size"])
        self.pre_layrnorm = nn.LayerNorm(width)
        self.encoder = Encoder(config)
        self.post_layernorm = nn.LayerNorm(width)

    def forward(self, embedded):
        """The pooled class token, from the output of `embeddings` or from a subset of its patches."""
        x = self.pre_layrnorm(embedded)
        for layer in self.encoder.layers[:-1]:
            x = layer(x)
        x = self.encoder.layers[-1](x, first_only=True)  # only the class token of the last layer is used
        return self.post_layernorm(x[:, 0])


class TextEmbeddings(nn.Module):
    def __init__(self, tokens, width, context):
        super().__init__()
        self.token_embedding = nn.Embedding(tokens, width)
        self.position_embedding = nn.Embedding(context, width)

    def forward(self, ids):
        return self.token_embedding(ids) + self.position_embedding.weight[:ids.shape[1]]


class Text(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["hidden_size"]
        self.embeddings = TextEmbeddings(config["vocab_size"], width, config["max_position_embeddings"])
        self.encoder = Encoder(config)
        self.final_layer_norm = nn.LayerNorm(width)

    def forward(self, ids):
        x = self.embeddings(ids)
        for layer in self.encoder.layers:
            x = layer(x, causal=True)
        x = self.final_layer_norm(x)
        return x[torch.arange(len(ids)), ids.argmax(-1)]  # end of text is the largest id


class CLIP(nn.Module):
    def __init__(self, config):
        super().__init__()
        vision, text, joint = config["vision_config"], config["text_config"], config["projection_dim"]
        self.text_model, self.vision_model = Text(text), Vision(vision)
        self.visual_projection = nn.Linear(vision["hidden_size"], joint, bias=False)
        self.text_projection = nn.Linear(text["hidden_size"], joint, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
        self.initialise(vision["num_hidden_layers"])

    def initialise(self, layers):
        for name, p in self.named_parameters():
            spread = p.shape[-1] ** -0.5 if p.ndim else 0
            if p.ndim == 2 and ("proj" in name or "fc" in name):
                nn.init.normal_(p, std=spread)
            if p.ndim == 2 and ("fc2" in name or "out_proj" in name):
                # Drawn again: the embedded model's initial weights depend on the number of draws.
                nn.init.normal_(p, std=spread * (2 * layers) ** -0.5)
            if "embedding.weight" in name and p.ndim == 2:
                nn.init.normal_(p, std=0.02)
            if name.endswith("bias"):
                nn.init.zeros_(p)

    def image(self, pixels):
        return self.visual_projection(self.vision_model(self.vision_model.embeddings(pixels)))

    def text(self, ids):
        return self.text_projection(self.text_model(ids))
