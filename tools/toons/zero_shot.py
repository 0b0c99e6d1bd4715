"""Class logits of images: exp(logit scale) × cosine with the mean prompt of each class."""

import torch
import torch.nn.functional as F

from checkpoint import normalise


def class_embeddings(net, tokenizer, classes, templates):
    """(classes, joint width): for each class the normalised mean of its normalised prompt embeddings."""
    rows = []
    with torch.no_grad():
        for name in classes:
            ids = torch.tensor([tokenizer(template.replace("{}", name)) for template in templates])
            rows.append(F.normalize(net.text(ids), dim=-1).mean(0))
    return F.normalize(torch.stack(rows), dim=-1)


def class_logits(net, embeddings, images):
    """(batch, classes) logits of images as (batch, side, side, 3) bytes."""
    with torch.no_grad():
        images = F.normalize(net.image(normalise(images)), dim=-1)
        return net.logit_scale.exp() * images @ embeddings.T
