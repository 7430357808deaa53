"""What an optimizer remembers: Variables of its own, by name and in the order of Keras' files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from minitf.errors import InvalidArgumentError, warn
from minitf.graph.context import init_scope
from minitf.graph.device import device
from minitf.graph.tensor import Tensor
from minitf.initializers import get as get_initializer
from minitf.ops.filling import zeros
from minitf.ops.state import Variable

Slots = dict[str, Variable]


class Memory:
    """Variables of an optimizer: a few of its own, and *slots*, of each Variable that it moves.

    It knows nothing of gradients; `Optimizer` does.

    Parameters
    ----------
    name : str, optional
        The class's name, as words joined by _, by default.

    Attributes
    ----------
    slots : tuple of tuples of str
        The names of what is remembered of each Variable. Files hold the names of one tuple side
        by side, Variable by Variable, then those of the next tuple.
    built : bool
        Whether the Variables to be moved are known.
    """

    slots: tuple[tuple[str, ...], ...] = ()

    def __init__(self, name: str | None = None):
        words = re.sub("(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])", "_", type(self).__name__)
        self.name = name or words.lower()
        self.built = False
        self._state: dict[str, Variable] = {}  # everything, in the order of files
        self._slots: dict[Variable, Slots] = {}
        self._waiting: dict[str, Any] = {}

    @property
    def variables(self) -> list[Variable]:
        """Everything that the optimizer remembers, in Keras' order."""
        return list(self._state.values())

    def build(self, variables: Iterable[Variable]) -> None:
        """Create what is remembered of each Variable; called again, of further ones."""
        first = len(self._slots)
        new = [v for v in dict.fromkeys(variables) if v not in self._slots]
        self._slots.update({v: {} for v in new})
        for together in self.slot_groups():
            for number, variable in enumerate(new, first):
                for slot in together:
                    self._add_slot(number, variable, slot)
        self.built = True

    def _add_slot(self, number: int, variable: Variable, slot: str) -> None:
        def first_value() -> Tensor:
            return self.first_value(variable, slot)

        if self.has_slot(variable, slot):
            key, name = f"slots/{number}/{slot}", self.slot_name(variable, slot)
            made = self._remember(key, first_value, name, variable.place)
            self._slots[variable][slot] = made

    def _remember(
        self, key: str, first_value: Callable[[], Tensor], name: str, place: Any = None
    ) -> Variable:
        """Create a Variable, with the value from a file if one is waiting for it."""
        with init_scope():
            with device(place):
                made = Variable(first_value(), trainable=False, name=name)
            saved = self._waiting.pop(key, None)
            if saved is not None:
                made.assign(saved)
        made.path = f"{self.name}/{made.name}"
        self._state[key] = made
        return made

    def add_variable(
        self,
        shape: Any,
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: Any = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Return a new Variable of the optimizer, which is saved with it."""
        values: Any = get_initializer(initializer)
        number = sum(key.startswith("slots/own/") for key in self._state)
        return self._remember(
            f"slots/own/{number}", lambda: values(shape, dtype or "float32"), name or "variable"
        )

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """Return a new Variable of the optimizer, in shape and dtype like one of the model."""
        v = reference_variable
        name = f"{_path(v)}_{name or 'var'}"
        return self.add_variable(tuple(v.shape), initializer, v.dtype, name=name)

    def add_optimizer_variables(
        self, trainable_variables: Iterable[Variable], name: Any, initializer: Any = "zeros"
    ) -> Any:
        """Return new Variables like those of the model: a list; of several names, several lists."""
        names = [name] if isinstance(name, str) else list(name)
        several = isinstance(initializer, (list, tuple))
        starts = list(initializer) if several else [initializer] * len(names)
        if len(names) != len(starts):
            raise InvalidArgumentError(
                f"{self.name}: {len(names)} names, but {len(starts)} initializers"
            )
        made = [
            [self.add_variable_from_reference(v, n, s) for n, s in zip(names, starts)]
            for v in trainable_variables
        ]
        lists = tuple([row[i] for row in made] for i in range(len(names)))
        return lists[0] if isinstance(name, str) else lists

    def _get_variable_index(self, variable: Variable) -> int:
        """Return which of the Variables it is, in the order of `build`; custom optimizers ask."""
        return next(i for i, known in enumerate(self._slots) if known is variable)

    # -- what subclasses say ------------------------------------------------------------------

    def slot_groups(self) -> tuple[tuple[str, ...], ...]:
        """Return the names of all slots, in the order of files."""
        return self.slots

    def has_slot(self, variable: Variable, slot: str) -> bool:
        """Return whether something is remembered of a Variable; yes, unless overridden."""
        return True

    def first_value(self, variable: Variable, slot: str) -> Tensor:
        """Return what is remembered before the first step; zeros, unless overridden."""
        return zeros(variable.shape, variable.dtype)

    def slot_name(self, variable: Variable, slot: str) -> str:
        """Return the name of what is remembered of a Variable."""
        return f"{_path(variable)}_{slot}"

    # -- saving -------------------------------------------------------------------------------

    def save_own_variables(self, store: Any) -> None:
        """Write everything that is remembered into a mapping, under 0, 1, ..."""
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Read everything that is remembered from a mapping; one of another size is left alone."""
        mine = self.variables
        if len(store) != len(mine):
            warn(f"{self.name}: its state was not loaded: it has {len(mine)} variables, "
                          f"the saved one {len(store)}")  # fmt: skip
            return
        for i, variable in enumerate(mine):
            variable.assign(store[str(i)])

    def get_weights(self) -> list[Any]:
        """Return everything that is remembered as arrays."""
        return [v.numpy() for v in self.variables]

    def set_weights(self, weights: Any) -> None:
        """Take over what `get_weights` returned."""
        if len(weights) != len(self.variables):
            raise InvalidArgumentError(
                f"{self.name}: it has {len(self.variables)} variables, got {len(weights)} arrays; "
                "call build(variables) first"
            )
        for variable, weight in zip(self.variables, weights):
            variable.assign(weight)

    def named_state(self) -> dict[str, Variable]:
        """Return everything that the optimizer remembers, by name, for checkpoints."""
        return dict(self._state)

    def restore_later(self, values: dict[str, Any]) -> None:
        """Keep saved values for the Variables that `build` will create."""
        self._waiting = dict(values)


def _path(variable: Variable) -> str:
    """Return the path of a model's Variable as the start of a name."""
    return re.sub("[/:]", "_", getattr(variable, "path", variable.name))
