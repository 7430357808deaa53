"""What `compile` was told, made ready for a step: losses and metrics, each for its output.

Losses and metrics may be said once, in a list or in a dict with the names of the outputs. Which
output each one belongs to is known when the first predictions arrive, and so is what "accuracy"
means for them.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from minitf import losses as losses_module
from minitf import metrics as metrics_module
from minitf.errors import InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten


def per_output(said: Any, names: Sequence[str | None], what: str) -> list[Any]:
    """Return what was said for every output, of something said once, in a list or in a dict.

    Raises
    ------
    InvalidArgumentError
        For a list of another length, or a dict with a name that no output has.
    """
    if isinstance(said, Mapping):
        surplus = set(said) - set(names)
        if surplus:
            raise InvalidArgumentError(
                f"compile: {what} names {sorted(map(str, surplus))}; the outputs are {list(names)}"
            )
        return [said.get(name) for name in names]
    if isinstance(said, (list, tuple)):
        if len(said) != len(names):
            raise InvalidArgumentError(
                f"compile: {what} has {len(said)} entries, the model {len(names)} output(s)"
            )
        return list(said)
    return [said] * len(names)


def arranged(values: Any, names: Sequence[str | None], what: str = "y") -> list[Any]:
    """Return targets or weights in the order of the outputs."""
    if values is None:
        return [None] * len(names)
    if isinstance(values, Mapping):
        if names == [None] and len(values) == 1:
            return list(values.values())
        surplus = sorted(str(key) for key in values if key not in names)
        if surplus:
            raise InvalidArgumentError(
                f"{what} has the part(s) {surplus}; the outputs are {list(names)}"
            )
        return [values.get(name) for name in names]
    found = list(values) if isinstance(values, (list, tuple)) else [values]
    if len(found) != len(names):
        raise InvalidArgumentError(
            f"the model has {len(names)} output(s), {what} has {len(found)} part(s)"
        )
    return found


def names_of(predictions: Any, output_names: Sequence[str] | None) -> list[str | None]:
    """Return the names of the outputs: the keys of a dict, else those that the model tells."""
    if isinstance(predictions, Mapping):
        return sorted(predictions)
    count = len(flatten(predictions))
    if output_names and len(output_names) == count:
        return list(output_names)
    return [None] * count if count == 1 else [f"output_{i}" for i in range(count)]


class CompiledLoss:
    """The losses of all outputs, weighted and summed up.

    Parameters
    ----------
    loss : loss, or list or dict of such
        For each output.
    weights : float, list or dict, optional
        Factors.
    output_names : list of str, optional
        Names of the model's outputs.

    Attributes
    ----------
    trackers : list of Mean
        Where there are several losses: the mean of each over the epoch.
    """

    def __init__(self, loss: Any, weights: Any = None, output_names: Any = None):
        self.said, self.weights_said, self.output_names = loss, weights, output_names
        self.entries: list[Any] | None = None
        self.trackers: list[Any] = []

    def _prepare(self, predictions: Any) -> None:
        names = names_of(predictions, self.output_names)
        said = per_output(self.said, names, "loss")
        weights = per_output(self.weights_said, names, "loss_weights")
        made = [None if s is None else as_loss(s) for s in said]
        self.entries = list(zip(made, weights, strict=True))
        self.names = names
        if sum(m is not None for m in made) > 1:
            self.trackers = [
                metrics_module.Mean(name=f"{n}_loss") for n, m in zip(names, made, strict=True) if m
            ]

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None,
                 regularization_losses: Any = None) -> Any:  # fmt: skip
        """Return the total loss of one batch."""
        if self.entries is None:
            self._prepare(y_pred)
        assert self.entries is not None
        targets = arranged(self._spread(y_true), self.names)
        weights = _weights(sample_weight, self.names)
        trackers = iter(self.trackers)
        total: Any = None
        for (loss, factor), target, output, weight in zip(
            self.entries, targets, flatten(y_pred), weights, strict=True
        ):
            if loss is None:
                continue
            if target is None:
                raise InvalidArgumentError("y has no part for an output that has a loss; the "
                                           f"outputs are {self.names}")  # fmt: skip
            value = loss(target, output, sample_weight=weight)
            tracker = next(trackers, None)
            if tracker is not None:
                tracker.update_state(value)
            value = value if factor is None else value * factor
            total = value if total is None else total + value
        for extra in regularization_losses or []:
            total = extra if total is None else total + extra
        return total

    def _spread(self, y_true: Any) -> Any:
        """Return targets for all outputs, where those without a loss were given none."""
        assert self.entries is not None
        wanted = [loss is not None for loss, _ in self.entries]
        if all(wanted) or y_true is None or isinstance(y_true, Mapping):
            return y_true
        given = list(y_true) if isinstance(y_true, (list, tuple)) else [y_true]
        if len(given) != sum(wanted):
            return y_true
        parts = iter(given)
        return [next(parts) if is_wanted else None for is_wanted in wanted]


def _weights(sample_weight: Any, names: Sequence[Any]) -> list[Any]:
    """Return the weights of every output; those said once hold for all."""
    if sample_weight is None or isinstance(sample_weight, (Mapping, list, tuple)):
        return arranged(sample_weight, names, "sample_weight")
    return [sample_weight] * len(names)


def as_loss(said: Any) -> Any:
    """Return a loss, by name, as an object, or made of a function, as a Loss."""
    loss = losses_module.get(said)
    if isinstance(loss, losses_module.Loss):
        return loss
    name = getattr(loss, "__name__", type(loss).__name__)
    return losses_module.LossFunctionWrapper(loss, name=name)


class CompiledMetrics:
    """The metrics of all outputs.

    Parameters
    ----------
    metrics, weighted_metrics : list, or list of lists or dict for several outputs
        The weighted ones get the samples' weights.
    output_names : list of str, optional
        Names of the model's outputs.
    """

    name = "compile_metrics"

    def __init__(self, metrics: Any, weighted_metrics: Any = None, output_names: Any = None):
        self.said, self.weighted_said = metrics, weighted_metrics
        self.output_names = output_names
        self.built = False
        self._sets: list[tuple[list[Any], list[Any]]] = []

    @property
    def metrics(self) -> list[Any]:
        """All metrics, in order."""
        return [m for plain, weighted in self._sets for m in (*plain, *weighted)]

    @property
    def known(self) -> list[Any]:
        """What stands for them among a model's metrics: before the first batch, all as one.

        So a `train_step` that updates each of ``self.metrics`` updates these from its first call.
        """
        waits = not self.built and (self.said or self.weighted_said)
        return [self] if waits else self.metrics

    @property
    def variables(self) -> list[Any]:
        """The Variables of all metrics."""
        return [v for m in self.metrics for v in m.variables]

    def _prepare(self, targets: list[Any], outputs: list[Any]) -> None:
        said = _metric_lists(self.said, self.names)
        weighted = _metric_lists(self.weighted_said, self.names)
        for one, other, target, output in zip(said, weighted, targets, outputs, strict=True):
            self._sets.append((
                [as_metric(m, target, output) for m in one],
                [as_metric(m, target, output) for m in other],
            ))  # fmt: skip
        self.built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take account of one batch."""
        if not self.said and not self.weighted_said:
            return
        if not self.built:
            self.names = names_of(y_pred, self.output_names)
        targets, outputs = arranged(y_true, self.names), flatten(y_pred)
        weights = _weights(sample_weight, self.names)
        if not self.built:
            self._prepare(targets, outputs)
        for (plain, weighted), target, output, weight in zip(
            self._sets, targets, outputs, weights, strict=True
        ):
            for metric in plain:
                metric.update_state(target, output)
            for metric in weighted:
                metric.update_state(target, output, sample_weight=weight)

    def reset_state(self) -> None:
        """Begin anew."""
        for metric in self.metrics:
            metric.reset_state()

    def result(self) -> dict[str, Any]:
        """Return what the metrics tell, by name; of several outputs, with the output's name.

        A name that is taken gets a number, as where one layer makes several outputs; a weighted
        metric, "weighted_".
        """
        found: dict[str, Any] = {}
        names = self.names if self.built else []
        prefixes = [f"{name}_" if len(names) > 1 else "" for name in names]
        for prefix, (plain, _) in zip(prefixes, self._sets, strict=True):
            for metric in plain:
                _add(found, results_of(metric, prefix))
        for prefix, (_, weighted) in zip(prefixes, self._sets, strict=True):
            for metric in weighted:
                told = results_of(metric, prefix)
                taken = told.keys() & found.keys()
                _add(found, results_of(metric, f"{prefix}weighted_") if taken else told)
        return found


def _add(found: dict[str, Any], told: dict[str, Any]) -> None:
    """Write down what a metric tells, under names that are free."""
    for name, value in told.items():
        numbered = (f"{name}_{number}" for number in itertools.count(1))
        found[name if name not in found else next(n for n in numbered if n not in found)] = value


def results_of(metric: Any, prefix: str = "") -> dict[str, Any]:
    """Return what a metric tells, by name; some tell a dict."""
    result = metric.result()
    if isinstance(result, Mapping):
        return {f"{prefix}{k}": v for k, v in result.items()}
    return {f"{prefix}{metric.name}": result}


def in_order(told: Mapping[str, Any], metrics: Sequence[Any]) -> Any:
    """Return numbers without their names: as the metrics stand, then the rest by the alphabet.

    What a program unpacks, as in ``loss, accuracy = model.evaluate(...)``. One number comes bare.
    """
    known = [name for name in dict.fromkeys(m.name for m in metrics) if name in told]
    numbers = [told[name] for name in [*known, *sorted(told.keys() - set(known))]]
    return numbers[0] if len(numbers) == 1 else numbers


def _metric_lists(said: Any, names: Sequence[Any]) -> list[list[Any]]:
    """Return a list of metrics for every output."""
    if said is None:
        return [[] for _ in names]
    if len(names) == 1 and not isinstance(said, Mapping):
        return [flatten(said)]
    return [[] if m is None else flatten(m) for m in per_output(said, names, "metrics")]


def as_metric(said: Any, target: Any, output: Any) -> Any:
    """Return a metric, by name, as an object, or made of a function, as a Metric."""
    if isinstance(said, str) and said.lower() in ("accuracy", "acc", "crossentropy", "ce"):
        made = _by_shape(said.lower(), as_tensor(target), output)
        return made(name=said)
    if inspect.isclass(said):
        said = said()
    metric = metrics_module.get(said)
    if isinstance(metric, metrics_module.Metric):
        metric.name = said if isinstance(said, str) else metric.name
        return metric
    name = said if isinstance(said, str) else getattr(metric, "__name__", type(metric).__name__)
    return metrics_module.MeanMetricWrapper(fn=metric, name=name)


def _by_shape(said: str, target: Any, output: Any) -> Any:
    """Return what "accuracy" or "crossentropy" means for predictions of this shape."""
    ranks_differ = target.ndim < output.ndim
    if output.ndim and output.shape[-1] == 1 or output.ndim == 0:
        kind = "Binary"
    elif ranks_differ or target.shape[-1] == 1 and output.shape[-1] != 1:
        kind = "SparseCategorical"
    else:
        kind = "Categorical"
    suffix = "Accuracy" if said in ("accuracy", "acc") else "Crossentropy"
    return getattr(metrics_module, kind + suffix)
