"""Passes: each a function from Program to Program, each a small file.

`STANDARD` is what every graph goes through before its first run; `FUSING` follows when a graph has
run often enough to be worth compiling. `AS_WRITTEN` does only what must be done.
"""

from collections.abc import Callable

from minitf.runtime.passes.cut import cut
from minitf.runtime.passes.fold import fold
from minitf.runtime.passes.fuse import fuse
from minitf.runtime.passes.order import order
from minitf.runtime.passes.prune import prune
from minitf.runtime.passes.share import share
from minitf.runtime.passes.simplify import simplify
from minitf.runtime.passes.spell_out import spell_out
from minitf.runtime.program import Program

Pass = Callable[[Program], Program]

AS_WRITTEN: tuple[Pass, ...] = (cut, prune, order)
STANDARD: tuple[Pass, ...] = (*AS_WRITTEN, fold, simplify, share, prune)
FUSING: tuple[Pass, ...] = (spell_out, share, fuse)


def run_passes(program: Program, passes: tuple[Pass, ...] = STANDARD) -> list[tuple[str, Program]]:
    """Return the Program as it was, and as each pass left it, with the passes' names."""
    stages = [("traced", program)]
    for step in passes:
        stages.append((step.__name__, step(stages[-1][1])))
    return stages
