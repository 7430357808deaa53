"""The course models in PyTorch: their weights, losses, optimizers and training steps.

Eager PyTorch as its users write it when they want speed. The networks are in `nets_torch.py` and
`transformers_torch.py`; sizes and batches are those of `course.py`, and so are the weights: every
matrix is drawn in the order and layout that it has in Keras, by way of a view. Nothing but PyTorch
and NumPy is imported, because the memory of this process is measured.

A Keras program reports the mean of the losses since `fit` began, and some count right answers;
their training steps do so here, too.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import nets_torch as nets
import numpy as np
import torch
import torch.nn.functional as F
import transformers_torch as transformers
from course import COURSE, SEED
from recipes import SANITY_STEPS
from steps_tf import DISCOUNT
from steps_torch import judged, set_gradients, tensor
from torch import nn

# -- weights and batches ------------------------------------------------------------------------

# The matrices of a layer as views in Keras' layout: to fill them is to fill the layer.
LAYOUTS = {
    nn.Linear: lambda layer: [layer.weight.T],
    nn.Conv2d: lambda layer: [layer.weight.permute(2, 3, 1, 0)],
    nn.Embedding: lambda layer: [layer.weight],
    nn.LSTM: lambda layer: [layer.weight_ih_l0.T, layer.weight_hh_l0.T],  # gates i, f, g, o in both
}


def matrices(module):
    """Return the matrices of all layers in a module, in Keras' order and layout."""
    if hasattr(module, "matrices"):
        return module.matrices()
    if type(module) in LAYOUTS:
        return LAYOUTS[type(module)](module)
    parts = module.in_keras_order() if hasattr(module, "in_keras_order") else module.children()
    return [matrix for part in parts for matrix in matrices(part)]


@torch.no_grad()
def draw_weights(model):
    """Give a model the weights that `course.draw_weights` gives to its Keras form."""
    for name, parameter in model.named_parameters():
        if "bias" in name:
            parameter.zero_()
    for lstm in (layer for layer in model.modules() if isinstance(layer, nn.LSTM)):
        lstm.bias_ih_l0[lstm.hidden_size : 2 * lstm.hidden_size] = 1  # Keras: unit_forget_bias
    rng = np.random.default_rng(SEED)
    for matrix in matrices(model):
        drawn = rng.normal(0, np.prod(matrix.shape[:-1]) ** -0.5, matrix.shape)
        matrix.copy_(torch.from_numpy(drawn.astype(np.float32)))


def converted(part, layout):
    """Convert a part of a batch to tensors; images (B, H, W, C) become (B, C, H, W)."""
    if isinstance(part, dict):
        return {name: tensor(array) for name, array in part.items()}
    if part.ndim == 4:
        return tensor(part).permute(0, 3, 1, 2).contiguous(memory_format=layout)
    return tensor(part)


# -- losses -------------------------------------------------------------------------------------


def cross_entropy(logits, labels, ignored=-100):
    """Mean over all places; logits (..., V), labels (...)."""
    return F.cross_entropy(logits.flatten(0, -2), labels.flatten(), ignore_index=ignored)


def weighted_cross_entropy(logits, labels, weights):
    """Mean over all places of the losses times their weights."""
    losses = F.cross_entropy(logits.flatten(0, -2), labels.flatten(), reduction="none")
    return (losses * weights.flatten()).mean()


class Progress:
    """The mean of the losses so far, and the share of right answers."""

    def __init__(self):
        self.steps, self.losses = 0, torch.zeros(())
        self.right, self.asked = torch.zeros(()), torch.zeros(())

    def count(self, logits, labels, weights=None):
        """Count right answers."""
        right = logits.argmax(-1) == labels
        self.right += right.sum() if weights is None else (right * weights).sum()
        self.asked += right.numel() if weights is None else weights.sum()

    def add(self, loss):
        """Return the mean with this loss in it."""
        self.steps += 1
        self.losses += loss
        return self.losses / self.steps


# -- training steps -----------------------------------------------------------------------------


class Training(NamedTuple):
    """How a model is trained on labels."""

    build: Callable[..., nn.Module]
    optimizer: Callable[..., torch.optim.Optimizer]
    loss: Callable[..., torch.Tensor] = cross_entropy
    clip: float | None = None  # largest global norm of the gradients
    accuracy: bool = False
    layout: torch.memory_format = torch.contiguous_format  # of images; the faster one


def supervised(training, model):
    """One step towards the labels."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer, progress = training.optimizer(parameters), Progress()

    def step(inputs, labels, *weights):
        optimizer.zero_grad()
        logits = model(**inputs) if isinstance(inputs, dict) else model(inputs)
        loss = training.loss(logits, labels, *weights)
        loss.backward()
        if training.clip:
            nn.utils.clip_grad_norm_(parameters, training.clip)
        optimizer.step()
        if training.accuracy:
            progress.count(logits.detach(), labels, *weights)
        return progress.add(loss.detach())

    return step


def q_learning(model):
    """One step of the network towards what its frozen copy says."""
    optimizer = adam(model.network.parameters())

    def step(batch):
        optimizer.zero_grad()
        with torch.no_grad():
            best = model.frozen(batch["following"]).amax(1)  # (B,)
            goal = batch["rewards"] + DISCOUNT * batch["unfinished"] * best
        values = model.network(batch["states"])  # (B, A)
        loss = F.huber_loss(values.gather(1, batch["actions"][:, None])[:, 0], goal)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def adversaries(model):
    """One step of generator and judge, each on its own loss."""
    networks = model.generator, model.judge
    generator, judge = (list(network.parameters()) for network in networks)
    optimizers = [adam(parameters, 2e-4, betas=(0.5, 0.999)) for parameters in (generator, judge)]

    def step(images):
        fakes = model.generator(torch.randn(len(images), model.noise))  # (B, 784)
        on_fakes, on_images = model.judge(fakes), model.judge(images)  # (B, 1)
        judge_loss = judged(on_images, 1.0) + judged(on_fakes, 0.0)
        set_gradients(judged(on_fakes, 1.0), generator, retain=True)
        set_gradients(judge_loss, judge, retain=False)
        for optimizer in optimizers:
            optimizer.step()
        return judge_loss.detach()

    return step


# -- the table ----------------------------------------------------------------------------------


def adam(parameters, learning_rate=1e-3, library=torch.optim.Adam, **options):
    """Adam in one pass over the parameters; as in Keras while losses are compared.

    Keras adds epsilon before the bias correction, and a large embedding has gradients as small as
    epsilon. It raises the betas to their powers in float32, which changes the first step lengths
    by up to 6e-6, and the losses of the mlp by 7e-4 after a dozen steps.
    """
    optimizer = library(parameters, lr=learning_rate, eps=1e-7, fused=True, **options)
    group, steps = optimizer.param_groups[0], itertools.count(1)

    def corrected(*_):
        t = next(steps)
        if t <= 1 + SANITY_STEPS:
            exact, single = (corrections(group["betas"], t, of) for of in (np.float64, np.float32))
            group["eps"] = 1e-7 / exact[1]
            group["lr"] = learning_rate * single[1] / single[0] * exact[0] / exact[1]
        elif t == 2 + SANITY_STEPS:
            group["eps"], group["lr"] = 1e-7, learning_rate

    optimizer.register_step_pre_hook(corrected)
    return optimizer


def corrections(betas, t, of):
    """Return Adam's bias corrections 1 - beta_1^t and sqrt(1 - beta_2^t), in a precision."""
    first, second = (float(1 - of(beta) ** of(t)) for beta in betas)
    return first, second**0.5


sgd = partial(torch.optim.SGD, lr=0.2, fused=True)
adam_w = partial(adam, library=torch.optim.AdamW, weight_decay=0.1, betas=(0.9, 0.99))
adam_s2s = partial(adam, betas=(0.9, 0.98))
TRAININGS = {
    "course-logreg": Training(nets.logistic_regression, sgd, accuracy=True),
    "course-mlp": Training(nets.mlp, adam, accuracy=True),
    "course-cnn": Training(nets.cnn, adam, accuracy=True),
    "course-resnet": Training(nets.resnet, adam, accuracy=True, layout=torch.channels_last),
    "course-lstm": Training(nets.LSTM, partial(adam, learning_rate=2e-3), clip=1.0),
    "course-w2v": Training(nets.Word2Vec, adam, F.binary_cross_entropy_with_logits),
    "course-bert": Training(
        transformers.bert, adam, weighted_cross_entropy, clip=1.0, accuracy=True
    ),
    "course-gpt": Training(transformers.GPT, adam_w, clip=1.0),
    "course-vit": Training(transformers.ViT, adam, accuracy=True),
    "course-s2s": Training(
        transformers.Translator, adam_s2s, partial(cross_entropy, ignored=0), clip=1.0
    ),
}
OTHERS = {"course-dqn": (nets.QLearner, q_learning), "course-gan": (nets.GAN, adversaries)}


def prepare(name):
    """Return a model, its training step, and its batch."""
    course = COURSE[name]
    if name in OTHERS:
        (build, make_step), layout = OTHERS[name], torch.contiguous_format
    else:
        training = TRAININGS[name]
        build, make_step, layout = training.build, partial(supervised, training), training.layout
    drawn = course.batch(np.random.default_rng(SEED))
    model = build(**course.sizes).to(memory_format=layout)
    draw_weights(model)
    return model, make_step(model), tuple(converted(part, layout) for part in drawn)
