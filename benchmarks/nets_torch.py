"""The course models in PyTorch that are no Transformers: dense, convolutional, recurrent, words.

Arguments and defaults are those of `build_model` in `models/`. Where Keras lays a layer's weights
out in another way than its PyTorch layer would tell, the layer has a method `matrices`, for
`course_torch.py`: views of its matrices in Keras' layout.
"""

from __future__ import annotations

import math

import torch
from torch import nn


def logistic_regression():
    """One linear layer."""
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def mlp(dropout=0.2):
    """784 - 512 - 512 - 10."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 512), nn.ReLU(), nn.Dropout(dropout),
        nn.Linear(512, 512), nn.ReLU(), nn.Dropout(dropout),
        nn.Linear(512, 10),
    )  # fmt: skip


class OnImage(nn.Linear):
    """A linear layer on a flattened image (C, H, W)."""

    def __init__(self, image, outputs):
        super().__init__(math.prod(image), outputs)
        self.image = image

    def matrices(self):
        """Keras flattens (H, W, C)."""
        return [self.weight.unflatten(1, self.image).permute(2, 3, 1, 0)]


def cnn(dropout=0.25):
    """Two convolutions, a maximum, two dense layers."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(),  # (B, 32, 26, 26)
        nn.Conv2d(32, 64, 3), nn.ReLU(),  # (B, 64, 24, 24)
        nn.MaxPool2d(2), nn.Dropout(dropout),  # (B, 64, 12, 12)
        nn.Flatten(), OnImage((64, 12, 12), 128), nn.ReLU(), nn.Dropout(2 * dropout),
        nn.Linear(128, 10),
    )  # fmt: skip


class Convolution(nn.Sequential):
    """relu(BN(conv(x))) at the same resolution."""

    def __init__(self, inputs, outputs):
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.1),  # Keras' momentum is 1 - momentum
            nn.ReLU(inplace=True),
        )


class Stage(nn.Module):
    """A widening convolution, a residual one, and half the resolution."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.widen, self.refine = Convolution(inputs, outputs), Convolution(outputs, outputs)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):  # (B, inputs, H, W) -> (B, outputs, H/2, W/2)
        x = self.widen(x)
        return self.pool(x + self.refine(x))


def resnet(augment=True):
    """Six convolutions in three stages, without augmentation."""
    if augment:
        raise ValueError("the images of a benchmark stay as they are: augment=False")
    stages = Stage(3, 32), Stage(32, 64), Stage(64, 128)
    return nn.Sequential(*stages, nn.Flatten(), OnImage((128, 4, 4), 10))


class LSTM(nn.Module):
    """Tells the next character at each place."""

    def __init__(self, vocabulary=96, width=64, units=256):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.lstm = nn.LSTM(width, units, batch_first=True)
        self.head = nn.Linear(units, vocabulary)
        # Keras has one bias. Two would be one that learns twice as fast, so the second stays 0.
        self.lstm.bias_hh_l0.requires_grad_(False)

    def forward(self, text):  # (B, T) -> (B, T, V)
        outputs, _ = self.lstm(self.embedding(text))  # (B, T, H)
        return self.head(outputs)


class Word2Vec(nn.Module):
    """Tells a word's true neighbour from random words."""

    def __init__(self, vocabulary=20_000, width=128):
        super().__init__()
        self.outer = nn.Embedding(vocabulary, width)  # Keras counts this one first
        self.inner = nn.Embedding(vocabulary, width)

    def forward(self, word, others):  # (B,), (B, 1 + K) -> (B, 1 + K)
        return torch.bmm(self.outer(others), self.inner(word)[:, :, None])[:, :, 0]


class QLearner(nn.Module):
    """A network from states (B, 4) to the value of each action (B, A), and a frozen copy."""

    def __init__(self):
        super().__init__()
        self.network, self.frozen = self.build(), self.build()
        self.frozen.requires_grad_(False)

    @staticmethod
    def build():
        """One of the two."""
        hidden = nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU()
        return nn.Sequential(*hidden, nn.Linear(64, 2))


class GAN(nn.Module):
    """Generator and judge."""

    def __init__(self, noise=64, hidden=256):
        super().__init__()
        self.noise = noise
        self.generator = nn.Sequential(
            nn.Linear(noise, hidden), nn.ReLU(), nn.Linear(hidden, 784), nn.Tanh()
        )
        self.judge = nn.Sequential(nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 1))
