"""The same training steps in PyTorch, eager, as its users write them when they want speed."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from steps_tf import DISCOUNT


def parameters(arrays, trained):
    """Weights in PyTorch's (outputs, inputs) layout and biases, as leaves of the autograd graph."""
    tensors = [torch.from_numpy(np.ascontiguousarray(array.T)) for array in arrays]
    return [tensor.requires_grad_(trained) for tensor in tensors]


def dense_chain(params, x):
    """Dense layers with relu between them; the last one is linear."""
    *hidden, last = zip(params[::2], params[1::2], strict=True)
    for weight, bias in hidden:
        x = F.relu(F.linear(x, weight, bias))
    return F.linear(x, *last)


def classifier(networks, make_optimizer):
    """Softmax cross-entropy training of a chain of dense layers (logreg, mlp)."""
    net = networks["net"]
    optimizer = make_optimizer(net)

    def step(images, labels):
        optimizer.zero_grad()
        loss = F.cross_entropy(dense_chain(net, images), labels)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def q_learning(networks, make_optimizer):
    """One step of deep Q-learning with a frozen target network."""
    net, frozen = networks["net"], networks["frozen"]
    optimizer = make_optimizer(net)

    def step(states, actions, rewards, following, unfinished):
        optimizer.zero_grad()
        with torch.no_grad():
            best = dense_chain(frozen, following).amax(1)
            goal = rewards + DISCOUNT * unfinished * best
        chosen = dense_chain(net, states).gather(1, actions[:, None])[:, 0]
        loss = F.huber_loss(chosen, goal)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def judged(logits, verdict):
    """Sigmoid cross-entropy of all logits against one verdict, 1 for real and 0 for fake."""
    labels = torch.full_like(logits, verdict)
    return F.binary_cross_entropy_with_logits(logits, labels)


def set_gradients(loss, params, retain):
    """Put d loss / d params into ``.grad``, and change no other gradient."""
    grads = torch.autograd.grad(loss, params, retain_graph=retain)
    for param, grad in zip(params, grads, strict=True):
        param.grad = grad


def adversaries(networks, make_optimizer):
    """Training of generator and discriminator stepped together, each on its own loss."""
    generator, judge = networks["generator"], networks["judge"]
    generator_optimizer, judge_optimizer = make_optimizer(generator), make_optimizer(judge)

    def step(noise, images):
        fakes = torch.tanh(dense_chain(generator, noise))
        on_fakes, on_images = dense_chain(judge, fakes), dense_chain(judge, images)
        generator_loss = judged(on_fakes, 1.0)
        judge_loss = judged(on_images, 1.0) + judged(on_fakes, 0.0)
        set_gradients(generator_loss, generator, retain=True)
        set_gradients(judge_loss, judge, retain=False)
        generator_optimizer.step()
        judge_optimizer.step()
        return (generator_loss + judge_loss).detach()

    return step


BUILDERS = {"logreg": classifier, "mlp": classifier, "dqn": q_learning, "gan": adversaries}


def optimizer_maker(form, name, learning_rate):
    """Return a function from the parameters of a network to its optimizer."""
    library = getattr(torch.optim, name)
    options = {"fused": True} if form == "fused" else {}
    return lambda params: library(params, lr=learning_rate, **options)


def tensor(array):
    """Convert to a tensor; indices are int64, which PyTorch's losses ask for."""
    return torch.from_numpy(array.astype(np.int64) if array.dtype == np.int32 else array)


def prepare(workload, recipe, form):
    """Return the training step of a workload, and its batches as tensors."""
    networks = {
        name: parameters(arrays, trained=name != "frozen")
        for name, arrays in recipe.networks.items()
    }
    make_optimizer = optimizer_maker(form, recipe.optimizer, recipe.learning_rate)
    step = BUILDERS[workload](networks, make_optimizer)
    return step, [tuple(tensor(array) for array in batch) for batch in recipe.batches]
