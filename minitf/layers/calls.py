"""Calls in progress: which layers are being called, whether they train, and what `call` takes."""

from __future__ import annotations

import functools
import inspect
import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from minitf.graph.context import context, name_scope

if TYPE_CHECKING:
    from minitf.layers.layer import Layer


class Frame(NamedTuple):
    """A call in progress: whose, and whether it trains."""

    layer: Layer
    training: bool | None


class _Calls(threading.local):
    """The calls in progress of one thread, the innermost last."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []


calls = _Calls()


class calling:
    """A block in which a layer is called: layers in it inherit `training`, and names their scope.

    Reinforcement learning calls small models one state at a time, so this is no generator: what
    happens around a layer's ops is to cost less than they do.
    """

    def __init__(self, layer: Layer, training: bool | None):
        self.frame = Frame(layer, training)
        self.scope = None if context.graph is None else name_scope(_scope_name(layer.name))

    def __enter__(self) -> None:
        if not calls.frames:
            self.frame.layer.clear_losses()
        if self.scope is not None:
            self.scope.__enter__()
        calls.frames.append(self.frame)

    def __exit__(self, *problem: Any) -> None:
        calls.frames.pop()
        if self.scope is not None:
            self.scope.__exit__(*problem)


class building:
    """A block in which a layer is built: Variables of layers in it have its name in their paths."""

    def __init__(self, layer: Layer):
        frames = calls.frames
        self.is_inner = bool(frames) and frames[-1].layer is layer  # built by its own call
        self.frame = Frame(layer, inherited_training())

    def __enter__(self) -> None:
        if not self.is_inner:
            calls.frames.append(self.frame)

    def __exit__(self, *problem: Any) -> None:
        if not self.is_inner:
            calls.frames.pop()


def _scope_name(name: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_.\\>-]", "_", name)
    return name if name[:1].isalnum() else f"layer{name}"


def inherited_training() -> bool | None:
    """Return what the innermost call in progress says of `training`; None outside of all."""
    return calls.frames[-1].training if calls.frames else None


def mask_of(tensor: Any) -> Any:
    """Return the mask that a tensor carries, or None."""
    return getattr(tensor, "_keras_mask", None)


class Signature(NamedTuple):
    """What a layer's `call` takes.

    Attributes
    ----------
    names : tuple of str
        The parameters, apart from self.
    takes_any : bool
        Whether it takes further keywords.
    training, default : bool
        Whether `training` is among them, and its default.
    masks : tuple of (str, str)
        Each parameter whose mask is taken, and the parameter that takes it.
    """

    names: tuple[str, ...]
    takes_any: bool
    training: bool
    default: Any
    masks: tuple[tuple[str, str], ...]


@functools.cache
def signature_of(call: Callable[..., Any]) -> Signature:
    """Return what a `call` method takes, apart from self."""
    parameters = list(inspect.signature(call).parameters.values())[1:]
    names = tuple(p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD))
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    default = next((p.default for p in parameters if p.name == "training"), None)
    default = None if default is inspect.Parameter.empty else default
    pairs = [("mask", name) for name in names[:1]] + [(f"{name}_mask", name) for name in names]
    masks = tuple((name, mask) for mask, name in pairs if mask in names)
    return Signature(names, takes_any, "training" in names, default, masks)
