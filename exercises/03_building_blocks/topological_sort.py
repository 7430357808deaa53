"""The order of a model's layers.

A functional model is a graph: each layer needs the results of others. Here such a graph is a dict,
from the name of each layer to the list of those that it needs:

    >>> diamond = {"input": [], "left": ["input"], "right": ["input"], "sum": ["left", "right"]}

To run the model, its layers are called one after the other. An order is *topological* if everything
that a layer needs stands before it. Find one, and then run the model with it.

    >>> order(diamond, ["sum"])            # right, left would do as well
    ['input', 'left', 'right', 'sum']
    >>> order(diamond, ["left"])           # what is not needed is left out
    ['input', 'left']
    >>> calls = {"left": lambda x: x + 1, "right": lambda x: 10 * x, "sum": lambda a, b: a + b}
    >>> run(diamond, calls, {"input": 2}, ["sum"])
    [23]

A real model may have thousands of layers in a row, so a function that calls itself will not do:
Python allows about a thousand calls within calls. And a graph with a cycle has no order; then say
so.

Approach: Walk in depth, with a stack of your own. A name comes off the stack twice: at first its
needs are put on top of it, and when it shows up again, all of them are done, and it goes to the end
of the list.

Difficulty: 4 of 5
Minutes: 40
Section: 03_building_blocks/models.md#in-which-order
Forbidden: graphlib, minitf.models
Hint 1: Keep three things: the list of what is done, the set of names whose needs are being seen to
("open"), and the stack. What is done already is skipped when it comes up again.
Hint 2: Let the stack hold pairs, `(name, is_second_time)`. At the first time push `(name, True)`,
and on top of it `(need, False)` for every need. At the second time, the name is done.
Hint 3: A cycle shows itself like this: at its *first* time, a name comes up that is open: it has
been seen for the first time, and not yet for the second. Then some need of it leads back to it. For
`run`: `found = dict(fed)`, then for each name in the order that is not in `found`: `found[name] =
calls[name](*[found[need] for need in needs[name]])`.
"""

from collections.abc import Callable
from typing import Any


def order(needs: dict[str, list[str]], outputs: list[str]) -> list[str]:
    """Return the layers that the outputs need, and the outputs, in a topological order.

    Parameters
    ----------
    needs : dict from str to list of str
        Of each layer the layers whose results it takes, in the order of its arguments.
    outputs : list of str

    Returns
    -------
    list of str
        Each name once; those that no output needs are left out.

    Raises
    ------
    ValueError
        If there is a cycle; the message names a layer on it.
    """
    raise NotImplementedError("TODO: put each layer into the list when all that it needs is there")


def run(
    needs: dict[str, list[str]],
    calls: dict[str, Callable[..., Any]],
    fed: dict[str, Any],
    outputs: list[str],
) -> list[Any]:
    """Return the values of the outputs.

    Parameters
    ----------
    needs, outputs
        As for `order`.
    calls : dict from str to function
        What each layer computes from the results that it needs, in their order. Inputs have none.
    fed : dict from str to value
        The values of the inputs.

    Returns
    -------
    list
        One value for each output. Each layer is called once at most, and only if it is needed.
    """
    raise NotImplementedError("TODO: call the layers in that order, and remember what they return")
