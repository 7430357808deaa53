"""Autograph: Python's branches and loops, written so that a graph can hold them.

A graph is written before anybody knows the values that will flow through it. So ``if t:`` on a
Tensor cannot choose while it is written; both sides must become graphs, and an operation chooses
(`tf.cond`, `tf.while_loop`). Autograph makes that of the program that a learner writes:

1. `converting` reads the source of a function that is traced, and of those that it calls.
2. `leaving` writes `return`, `break` and `continue` as assignments to flags.
3. `rewriting` turns each block into a function, and each statement into a call.
4. What is called then sees whether there is a Tensor to branch on: `choosing` and `looping` write
   an operation if so, and else do what Python does.

D. Moldovan et al., "AutoGraph: imperative-style coding with graph-based performance", 2018.
"""

from types import SimpleNamespace

from minitf.autograph.converting import convert, do_not_convert, to_code
from minitf.autograph.looping import set_loop_options

to_graph = convert  # TensorFlow's name for it
experimental = SimpleNamespace(do_not_convert=do_not_convert, set_loop_options=set_loop_options)

__all__ = ["convert", "experimental", "to_code", "to_graph"]
