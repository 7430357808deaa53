"""What functions do with ragged tensors, each said with other functions on their components.

`minitf.graph.composite` tells how a function comes to ask here. A rule has the parameters of the
function that it stands in for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitf.composite.ragged import RaggedTensor, RaggedTensorSpec
from minitf.composite.ragged_making import (
    as_ragged,
    boolean_mask,
    check_same_rows,
    concat,
    map_flat_values,
    stack,
)
from minitf.composite.ragged_picking import expand_rows, take
from minitf.dtypes import int64
from minitf.errors import InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.graph.nest import is_nested
from minitf.graph.registry import OPS
from minitf.ops import rectifier, rounding, splitting, strings
from minitf.ops.array import expand_dims, reshape, unstack
from minitf.ops.array import stack as stack_up
from minitf.ops.embedding import embedding_lookup
from minitf.ops.filling import one_hot
from minitf.ops.gather import gather
from minitf.ops.lookup import look_up
from minitf.ops.math import add_n, cast
from minitf.ops.reduction import (
    reduce_all,
    reduce_any,
    reduce_max,
    reduce_mean,
    reduce_min,
    reduce_prod,
    reduce_sum,
)
from minitf.ops.segment import (
    unsorted_segment_max,
    unsorted_segment_min,
    unsorted_segment_prod,
    unsorted_segment_sum,
)
from minitf.ops.source import ones_like, size
from minitf.ops.spelling import as_string, to_hash_bucket_fast, to_number
from minitf.ops.where import where

RULES = RaggedTensor.rules


# -- element by element -------------------------------------------------------------------------


def elementwise(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the rule of a function that looks at one element at a time."""

    def rule(*args: Any, **kwargs: Any) -> Any:
        like = next(a for a in _all(args) if isinstance(a, RaggedTensor))
        return map_flat_values(function, *_spread(args, like), **kwargs)

    return rule


def _all(args: Any) -> list[Any]:
    return [x for a in args for x in (a if isinstance(a, (list, tuple)) else [a])]


def _spread(value: Any, like: RaggedTensor) -> Any:
    """Return arguments with Tensors as they fit to the flat values of a ragged tensor."""
    if isinstance(value, (list, tuple)):
        return type(value)([_spread(v, like) for v in value])
    rank = len(getattr(value, "shape", ()))
    if isinstance(value, RaggedTensor) or not rank or rank < like.flat_values.ndim:
        return value  # one for all rows, or for all of what the innermost rows hold
    if rank != like.ndim or like.ragged_rank > 1:
        raise InvalidArgumentError(f"shape {tuple(value.shape)} does not fit {like.shape}; "
                                   f"{like.instead}")  # fmt: skip
    rows = as_tensor(value)
    if rows.shape[1] == 1:  # one for each row
        return gather(reshape(rows, [-1, *rows.shape[2:]]), like.value_rowids())
    ragged = as_ragged(rows)
    check_same_rows(like, ragged)
    return ragged.values


# Ops with a rule for one element (`@op.scalar`) say so themselves; these do it all the same.
ALSO = ["cast", "zeros_like", "ones_like", "identity", "stop_gradient"]
FUNCTIONS: list[Any] = [
    add_n, as_string, look_up, one_hot, rectifier.relu, rounding.clip_by_value, rounding.round_,
    strings.join, strings.length, strings.lower, strings.regex_full_match, strings.regex_replace,
    strings.strip, strings.substr, strings.upper, to_hash_bucket_fast, to_number, where,
]  # fmt: skip

RULES.update({name: elementwise(definition) for name, definition in OPS.items()
              if definition.scalar_rule is not None or name in ALSO})  # fmt: skip
for _function in FUNCTIONS:
    _definition = getattr(_function, "definition", None)
    RULES[_definition.name if _definition else _function.__name__] = elementwise(_function)


# -- many elements become one -------------------------------------------------------------------


def reduction(dense: Callable[..., Any], along_rows: Callable[..., Any]) -> Callable[..., Any]:
    """Return the rule of a reduction, made of the same one for Tensors and for segments."""

    def rule(x: RaggedTensor, axis: Any = None, keepdims: bool = False) -> Any:
        if axis is None:
            return dense(x.flat_values)
        axes = sorted(a + x.ndim if a < 0 else a
                      for a in (axis if isinstance(axis, (list, tuple)) else [axis]))  # fmt: skip
        for one in reversed(axes):
            x = _along(x, one, keepdims)
        return x

    def _along(x: Any, axis: int, keepdims: bool) -> Any:
        if not isinstance(x, RaggedTensor):
            return dense(x, axis, keepdims)
        if axis > 1:
            return x.with_values(_along(x.values, axis - 1, keepdims))
        if isinstance(x.values, RaggedTensor):
            raise InvalidArgumentError(f"axis {axis} of shape {x.shape} holds rows that are ragged "
                                       f"themselves; {x.instead}")  # fmt: skip
        if axis == 0:
            ids, count = x.positions(), x.bounding_shape()[1]
        else:
            ids, count = x.value_rowids(), x.nrows()
        found = along_rows(x.values, ids, count)
        return expand_dims(found, axis) if keepdims else found

    return rule


def _mean(values: Any, ids: Any, count: Any) -> Any:
    """Return the means; an empty row has none (nan), as in TensorFlow."""
    sizes = unsorted_segment_sum(ones_like(values), ids, count)
    return unsorted_segment_sum(values, ids, count) / sizes


def _all_true(values: Any, ids: Any, count: Any) -> Any:
    return unsorted_segment_min(cast(values, int64), ids, count) > 0


def _any_true(values: Any, ids: Any, count: Any) -> Any:
    return unsorted_segment_max(cast(values, int64), ids, count) > 0


RULES["reduce_sum"] = reduction(reduce_sum, unsorted_segment_sum)
RULES["reduce_mean"] = reduction(reduce_mean, _mean)
RULES["reduce_max"] = reduction(reduce_max, unsorted_segment_max)
RULES["reduce_min"] = reduction(reduce_min, unsorted_segment_min)
RULES["reduce_prod"] = reduction(reduce_prod, unsorted_segment_prod)
RULES["reduce_all"] = reduction(reduce_all, _all_true)
RULES["reduce_any"] = reduction(reduce_any, _any_true)
RULES["concat"] = concat
RULES["stack"] = stack
RULES["boolean_mask"] = boolean_mask


def rule(name: str) -> Callable[..., Any]:
    """Register the decorated function as the rule of a function of this name."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        RULES[name] = function
        return function

    return register


# -- picking and shaping ------------------------------------------------------------------------


@rule("gather")
def _(params: Any, indices: Any, axis: Any = None, batch_dims: int = 0,
      name: str | None = None, validate_indices: Any = None) -> Any:  # fmt: skip
    if axis or batch_dims:
        raise InvalidArgumentError(f"rows are gathered along axis 0; {RaggedTensor.instead}")
    if isinstance(indices, RaggedTensor):
        return indices.with_flat_values(take(params, indices.flat_values))
    indices = as_tensor(indices)
    return params[indices] if not indices.ndim else take(params, indices)


@rule("embedding_lookup")
def _(params: Any, ids: Any, *args: Any, **kwargs: Any) -> Any:
    return map_flat_values(lambda flat: embedding_lookup(params, flat, *args, **kwargs), ids)


@rule("expand_dims")
def _(input: RaggedTensor, axis: int) -> Any:
    axis = axis + input.ndim + 1 if axis < 0 else axis
    if axis > 1:
        return input.with_values(expand_dims(input.values, axis - 1))
    return input[:, None] if axis else expand_rows(input)


@rule("size")
def _(input: RaggedTensor, out_type: Any = None) -> Any:
    found = size(input.flat_values)
    return found if out_type is None else cast(found, out_type)


@rule("map_fn")
def map_rows(fn: Callable[..., Any], elems: Any, dtype: Any = None, *args: Any,
             fn_output_signature: Any = None, **kwargs: Any) -> Any:  # fmt: skip
    """Apply a function to the rows of one tensor; where it returns rows, these become ragged."""
    if is_nested(elems) and not isinstance(elems, RaggedTensor):
        raise InvalidArgumentError("map_fn: with ragged rows or results, elems is one tensor")
    wanted = dtype if fn_output_signature is None else fn_output_signature
    results = [fn(row) for row in as_rows(elems)]
    return stack(results) if isinstance(wanted, RaggedTensorSpec) else stack_up(results)


def as_rows(elems: Any) -> Any:
    """Return what can be gone through, row by row."""
    return elems if isinstance(elems, RaggedTensor) else unstack(as_tensor(elems))


RaggedTensorSpec.rules = {"map_fn": map_rows}  # dense rows, ragged results


# -- strings ------------------------------------------------------------------------------------


@rule("reduce_join")
def _(inputs: RaggedTensor, axis: Any = None, keepdims: bool = False, separator: str = "",
      name: str | None = None) -> Any:  # fmt: skip
    last = inputs.ndim - 1
    if axis not in (-1, last) or keepdims or inputs.ragged_rank != last:
        raise InvalidArgumentError(f"rows are joined along the last axis; {inputs.instead}")
    if isinstance(inputs.values, RaggedTensor):
        return inputs.with_values(strings.reduce_join(inputs.values, -1, False, separator))
    between = where(inputs.positions() > 0, separator, "")
    parts = inputs.with_values(strings.join([between, inputs.values]))
    return strings.reduce_join(parts.to_tensor(), -1)


@rule("string_ngrams")
def _(data: RaggedTensor, ngram_width: Any, separator: str = " ") -> Any:
    if isinstance(data.values, RaggedTensor):
        return data.with_values(splitting.ngrams(data.values, ngram_width, separator))
    found = splitting.ngrams(data.to_tensor(), ngram_width, separator)
    return RaggedTensor.from_tensor(found, padding="")


@rule("unicode_encode")
def _(input: RaggedTensor, output_encoding: str = "UTF-8") -> Any:
    if isinstance(input.values, RaggedTensor):
        return input.with_values(splitting.unicode_encode(input.values, output_encoding))
    return splitting.unicode_encode(input.to_tensor(), output_encoding)
