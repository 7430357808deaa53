"""Iterators over what is not there yet: generators, lines of files, a choice among datasets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from minitf.data.element import Array, Element, leaves, map_leaves, spread_over, to_array
from minitf.data.pipeline import Origin, Pipeline, first_spec
from minitf.dtypes import as_dtype
from minitf.errors import Error, InvalidArgumentError, ShapeError, no_access
from minitf.graph.convert import as_array
from minitf.graph.spec import TensorShape, TensorSpec, as_shape
from minitf.graph.tensor import Tensor
from minitf.ops.seeds import Key

Surroundings = Callable[[int], AbstractContextManager[None]]
END = object()


class Promise:
    """What a generator has been announced to yield as one leaf; a shape of None is any shape."""

    def __init__(self, dtype: Any, shape: Any):
        self.dtype = as_dtype(dtype)
        self.shape = None if shape is None else as_shape(shape)

    def kept(self, value: Any) -> Array:
        """Return what the generator has yielded as an array, if it is what was announced."""
        array = as_array(to_array(value) if isinstance(value, Tensor) else value, self.dtype)
        if self.shape is not None and not self.shape.is_compatible_with(array.shape):
            raise ShapeError(f"expected shape {self.shape}, got {TensorShape(array.shape)}")
        return array


def promises_of(types: Any, shapes: Any, signature: Any) -> Any:
    """Return what a generator has been announced to yield, in either way of saying so."""
    if signature is not None:
        if types is not None or shapes is not None:
            raise InvalidArgumentError("give output_signature alone, or output_types")
        return map_leaves(lambda spec: Promise(spec.dtype, spec.shape), signature)
    if types is None:
        raise InvalidArgumentError("give output_signature, or output_types")
    return map_leaves(Promise, types, spread_over(types, shapes))


def promised_spec(promises: Any, start: Any, origin: Origin) -> Any:
    """Return the specs that were announced; the first element tells unknown ranks."""
    if any(promise.shape is None for promise in leaves(promises)):

        def loosen(promise: Promise, spec: TensorSpec) -> TensorSpec:
            shape = [None] * spec.ndim if promise.shape is None else promise.shape
            return TensorSpec(shape, spec.dtype)

        return map_leaves(loosen, promises, first_spec(start, origin))
    return map_leaves(lambda promise: TensorSpec(promise.shape, promise.dtype), promises)


def generated(
    values: Iterable[Any], promises: Any, surroundings: Surroundings, origin: Origin
) -> Iterator[Element]:
    """Yield what a user's generator yields, checked."""
    iterator = iter(values)
    for number in count():
        try:
            with surroundings(number):
                value = next(iterator, END)
            if value is END:
                return
            element = fitted(value, promises)
        except Error as error:
            error.args = (f"element {number}: {error.args[0]}",)
            raise origin.located(error) from error.__cause__
        except Exception as error:
            error.add_note(f"{origin.method}: raised by the generator at element {number}")
            raise
        yield element


def fitted(value: Any, promises: Any) -> Element:
    """Return a value in the structure of promises; a list may stand for a tuple."""
    if isinstance(promises, Promise):
        return promises.kept(value)
    if isinstance(promises, dict):
        if not isinstance(value, dict) or value.keys() != promises.keys():
            raise InvalidArgumentError(f"expected a dict of {sorted(promises)}, got {value!r}")
        return {key: fitted(value[key], p) for key, p in promises.items()}
    if not isinstance(value, (tuple, list)) or len(value) != len(promises):
        raise InvalidArgumentError(f"expected a tuple of {len(promises)}, got {value!r}")
    parts = [fitted(v, p) for v, p in zip(value, promises, strict=True)]
    return type(promises)(*parts) if hasattr(promises, "_fields") else tuple(parts)


def lines(names: Iterable[str], packed: bool, origin: Origin) -> Iterator[Array]:
    """Yield the lines of text files, without their ends."""
    for name in names:
        try:
            with opened(name, packed) as file:
                for line in file:
                    yield np.array(line.rstrip("\r\n"), object)
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise origin.located(no_access(name, error)) from error


def opened(name: str, packed: bool, encoding: str = "utf-8") -> Any:
    """Open a text file, which may be packed, to be read as it is."""
    if not packed:
        return Path(name).open(encoding=encoding, newline="\n")
    import gzip

    return gzip.open(name, "rt", encoding=encoding, newline="\n")


def chosen(
    datasets: Sequence[Pipeline], choices: Callable[[list[bool]], Iterator[int]], strict: bool
) -> Iterator[Element]:
    """Yield the next element of the dataset whose number is chosen.

    `choices` gets a list that tells which datasets have not ended, and which we keep up to date;
    the first end is the end of all if `strict`.
    """
    iterators = [dataset.elements() for dataset in datasets]
    alive = [True] * len(datasets)
    for number in choices(alive):
        element = next(iterators[number], END)
        if element is not END:
            yield element
            continue
        alive[number] = False
        if strict or not any(alive):
            return


def drawn(alive: list[bool], weights: Sequence[float], key: Key) -> Iterator[int]:
    """Yield numbers of datasets that have not ended, drawn with given weights."""
    generator = generator_of(key)
    while True:
        left = np.where(alive, weights, 0.0)
        bounds = np.cumsum(left / left.sum())
        yield int(np.searchsorted(bounds, generator.random(), side="right"))


def listed(choices: Pipeline, datasets: Sequence[Pipeline], origin: Origin) -> Iterator[int]:
    """Yield the numbers that a dataset of numbers holds."""
    for choice in choices.elements():
        if not 0 <= int(choice) < len(datasets):
            problem = InvalidArgumentError(f"there is no dataset number {choice}")
            raise origin.located(problem)
        yield int(choice)


def numbers(key: Key) -> Iterator[Array]:
    """Yield random whole numbers below 2^32, which a key decides."""
    generator = generator_of(key)
    while True:
        yield np.array(generator.integers(2**32), np.int64)


def generator_of(key: Key) -> np.random.Generator:
    """Return random numbers that a key of a stream decides (as in `minitf.ops.seeds`)."""
    seed, stream, run = key
    bits = np.random.Philox(key=np.array([seed, stream], np.uint64), counter=[0, 0, run, 1])
    return np.random.Generator(bits)
