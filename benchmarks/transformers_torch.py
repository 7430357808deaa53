"""The course models in PyTorch that are Transformers: BERT, ViT, GPT, translator.

Arguments and defaults are those of `build_model` in `models/`, and so are the letters of the
shapes: B is the batch, T and S are lengths, C the width, H the heads, D = C / H. `matrices` and
`in_keras_order` are for `course_torch.py`, which draws the weights.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

NOTHING = 0  # the number of the token that fills a short sentence up


# -- attention ----------------------------------------------------------------------------------


def split(x, parts, heads):
    """Cut (B, T, parts * C) into parts for all heads, (B, H, T, D) each."""
    return x.unflatten(2, (parts, heads, -1)).permute(2, 0, 3, 1, 4).unbind()


def by_head(projections, out, heads):
    """View the matrices of an attention as Keras does: (C, H, D) and (H, D), and (H, D, C)."""
    views = [
        view
        for weight, bias in projections
        for view in (weight.T.unflatten(1, (heads, -1)), bias.unflatten(0, (heads, -1)))
    ]
    return [*views, out.weight.T.unflatten(0, (heads, -1))]


class SelfAttention(nn.Module):
    """Attention of each place to all others, or to those before it; one product for q, k and v."""

    def __init__(self, width, heads, causal=False):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x, seen=None):  # (B, T, C), (B, 1, 1, T)
        query, key, value = split(self.qkv(x), 3, self.heads)
        found = F.scaled_dot_product_attention(query, key, value, seen, is_causal=self.causal)
        return self.out(found.transpose(1, 2).flatten(2))  # (B, T, C)

    def matrices(self):
        """Keras has three products here, and tells the heads apart."""
        projections = zip(self.qkv.weight.chunk(3), self.qkv.bias.chunk(3))
        return by_head(projections, self.out, self.heads)


class CrossAttention(nn.Module):
    """Attention of each place to a memory; one product for k and v."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query, self.kv = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x, memory, seen=None):  # (B, T, C), (B, S, C), (B, 1, 1, S)
        (query,) = split(self.query(x), 1, self.heads)
        key, value = split(self.kv(memory), 2, self.heads)
        found = F.scaled_dot_product_attention(query, key, value, seen)
        return self.out(found.transpose(1, 2).flatten(2))  # (B, T, C)

    def matrices(self):
        """Keras has three products here, and tells the heads apart."""
        query = self.query.weight, self.query.bias
        key, value = zip(self.kv.weight.chunk(2), self.kv.bias.chunk(2))
        return by_head((query, key, value), self.out, self.heads)


# -- blocks -------------------------------------------------------------------------------------


class Positions(nn.Module):
    """Adds to each vector of a sequence one that is learned for its place."""

    def __init__(self, length, width):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(length, width))

    def forward(self, x):
        return x + self.table

    def matrices(self):
        """Return the table."""
        return [self.table]


def embed(vocabulary, length, width, dropout=0.0):
    """Vectors of tokens and their places: (B, T) -> (B, T, C)."""
    places = Positions(length, width)
    return nn.Sequential(nn.Embedding(vocabulary, width), places, nn.Dropout(dropout))


def thought(width, dropout=0.0):
    """Two dense layers at each place."""
    wide, narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
    return nn.Sequential(nn.LayerNorm(width), wide, nn.GELU(), narrow, nn.Dropout(dropout))


class Encoder(nn.Module):
    """A look at the sequence itself, and a thought."""

    def __init__(self, width, attention, dropout=0.0):
        super().__init__()
        self.norm, self.attention = nn.LayerNorm(width), attention
        self.drop, self.thought = nn.Dropout(dropout), thought(width, dropout)

    def forward(self, x, seen=None):  # (B, T, C)
        x = x + self.drop(self.attention(self.norm(x), seen))
        return x + self.thought(x)


class Decoder(nn.Module):
    """A look at the sequence's own past, one at the memory, and a thought."""

    def __init__(self, width, heads, dropout=0.0):
        super().__init__()
        self.norm, self.attention = nn.LayerNorm(width), SelfAttention(width, heads, causal=True)
        self.cross_norm, self.cross = nn.LayerNorm(width), CrossAttention(width, heads)
        self.drop, self.thought = nn.Dropout(dropout), thought(width, dropout)

    def forward(self, x, memory, seen):  # (B, T, C), (B, S, C), (B, 1, 1, S)
        x = x + self.drop(self.attention(self.norm(x)))
        x = x + self.drop(self.cross(self.cross_norm(x), memory, seen))
        return x + self.thought(x)


# -- models -------------------------------------------------------------------------------------


def bert(vocabulary=5000, length=128, width=128, heads=4, layers=2):
    """Tells, at each place, which word it should be: (B, T) -> (B, T, V)."""
    blocks = [Encoder(width, SelfAttention(width, heads)) for _ in range(layers)]
    head = nn.LayerNorm(width), nn.Linear(width, vocabulary)
    return nn.Sequential(embed(vocabulary, length, width), *blocks, *head)


class ViT(nn.Module):
    """A Transformer over the patches of an image, whose mean is classified."""

    def __init__(self, shape=(28, 28, 1), patch=7, width=128, heads=4, layers=4):
        super().__init__()
        height, breadth, channels = shape
        self.patches = nn.Conv2d(channels, width, patch, stride=patch)
        self.places = Positions((height // patch) * (breadth // patch), width)
        blocks = [Encoder(width, SelfAttention(width, heads)) for _ in range(layers)]
        self.blocks = nn.Sequential(*blocks, nn.LayerNorm(width))
        self.head = nn.Linear(width, 10)

    def forward(self, images):  # (B, channels, H, W) -> (B, 10)
        x = self.patches(images).flatten(2).transpose(1, 2)  # (B, T, C)
        return self.head(self.blocks(self.places(x)).mean(1))


class CausalAttention(SelfAttention):
    """Attention of each place to itself and to those before it, all at once or one by one."""

    def __init__(self, width, heads):
        super().__init__(width, heads, causal=True)

    def step(self, x, cache, position):  # (B, 1, C), 2 x (B, H, S, D)
        """Return what the newest place found; put its key and value in the cache."""
        query, key, value = split(self.qkv(x), 3, self.heads)  # (B, H, 1, D)
        keys, values = cache
        keys[:, :, position], values[:, :, position] = key[:, :, 0], value[:, :, 0]
        past = keys[:, :, : position + 1], values[:, :, : position + 1]
        found = F.scaled_dot_product_attention(query, *past)  # (B, H, 1, D)
        return self.out(found.transpose(1, 2).flatten(2))  # (B, 1, C)

    def matrices(self):
        """Keras has one product here, too."""
        return [self.qkv.weight.T, self.out.weight.T]


class GPT(nn.Module):
    """Tells the next token at each place."""

    def __init__(self, vocabulary=96, length=128, width=256, heads=8, layers=4):
        super().__init__()
        self.cache_shape = heads, length, width // heads
        self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        blocks = [Encoder(width, CausalAttention(width, heads)) for _ in range(layers)]
        self.blocks = nn.ModuleList(blocks)
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary)

    def forward(self, text):  # (B, T) -> (B, T, V)
        x = self.tokens(text) + self.places.weight[: text.shape[1]]  # (B, T, C)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))

    def follow(self, token, position, caches):  # (B, 1)
        """Return logits (B, V) of what follows a token; put it in the caches."""
        x = self.tokens(token) + self.places.weight[position]  # (B, 1, C)
        for block, cache in zip(self.blocks, caches):
            x = x + block.attention.step(block.norm(x), cache, position)
            x = x + block.thought(x)
        return self.head(self.norm(x))[:, 0]

    @torch.inference_mode()
    def generate(self, prompt, length):
        """Return texts (B, length) that begin with the prompts (B, P)."""
        empty = (len(self.blocks), 2, len(prompt), *self.cache_shape)
        caches = torch.zeros(empty)
        text = torch.from_numpy(np.pad(prompt, [(0, 0), (0, length - prompt.shape[1])])).long()
        for i in range(length - 1):
            logits = self.follow(text[:, i : i + 1], i, caches)
            if i + 1 >= prompt.shape[1]:
                text[:, i + 1 : i + 2] = torch.multinomial(logits.softmax(-1), 1)
        return text.numpy()


class Translator(nn.Module):
    """Tells each next English token from the German text and those before."""

    def __init__(self, german=1000, english=1000, lengths=(32, 32), width=128, heads=4, layers=2,
                 dropout=0.1):  # fmt: skip
        super().__init__()
        self.german = embed(german, lengths[0], width, dropout)
        self.english = embed(english, lengths[1], width, dropout)
        self.encoders = nn.ModuleList(
            Encoder(width, SelfAttention(width, heads), dropout) for _ in range(layers)
        )
        self.decoders = nn.ModuleList(Decoder(width, heads, dropout) for _ in range(layers))
        self.memory_norm, self.norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.head = nn.Linear(width, english)

    def forward(self, german, english):  # (B, S), (B, T) -> (B, T, V)
        seen = (german != NOTHING)[:, None, None]  # (B, 1, 1, S)
        memory = self.german(german)  # (B, S, C)
        for encoder in self.encoders:
            memory = encoder(memory, seen)
        memory = self.memory_norm(memory)
        x = self.english(english)  # (B, T, C)
        for decoder in self.decoders:
            x = decoder(x, memory, seen)
        return self.head(self.norm(x))

    def in_keras_order(self):
        """Keras sorts the layers of a graph by how far they are from the output.

        So the encoder's last block and the decoder's first one, which start equally far from the
        output, take turns.
        """
        first, last = self.encoders
        _, wide, _, narrow, _ = last.thought
        decoder, *rest = self.decoders
        turns = self.english, wide, decoder.attention, narrow, decoder.cross, decoder.thought
        return self.german, first, last.attention, *turns, *rest, self.head
