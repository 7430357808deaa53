"""The ops that exist, by name.

Filled by `@op`; read by the few places that need an op before its module can be imported
(converting a list that holds Tensors needs `stack`, capturing a value needs `constant`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minitf.graph.op import OpDef

OPS: dict[str, OpDef] = {}

# By backend: a function that makes a kernel of an op's scalar rule (or None where it cannot).
SCALAR_COMPILERS: dict[str, Callable[[OpDef], Callable[..., Any] | None]] = {}
