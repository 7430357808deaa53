"""Trainer: compile, fit, evaluate, predict.

A step of training is one method, `train_step`, which a subclass may override. `fit` traces it to
one graph and runs that for every batch; everything else here brings batches to the step and the
step's results to the callbacks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

import numpy as np

from minitf import optimizers as optimizers_module
from minitf.autodiff.tape import GradientTape
from minitf.callbacks import CallbackList
from minitf.dtypes import float32
from minitf.errors import FailedPreconditionError, InvalidArgumentError, UsageError, warn
from minitf.graph.context import init_scope
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, pack_like
from minitf.graph.tensor import Tensor
from minitf.metrics import Mean
from minitf.models.batches import Batches, as_batch, batches_of, split_off, unpack
from minitf.models.compiled import CompiledLoss, CompiledMetrics, in_order, results_of
from minitf.models.finite import is_nan, where_nan_began
from minitf.models.step import Step
from minitf.ops.math import cast
from minitf.ops.reduction import reduce_sum
from minitf.ops.source import shape
from minitf.optimizers import LossScaleOptimizer
from minitf.serialization import deserialize_keras_object, serialize_keras_object
from minitf.settings import is_interactive_logging_enabled


class _StepOf:
    """An attribute of a model: its step of one kind, None before it was needed.

    Set to None, it is forgotten, and traced again when it is next needed; a program does so after
    it has changed what the step does, such as which layers are trained.
    """

    def __init__(self, kind: str, doc: str):
        self.kind, self.__doc__ = kind, doc

    def __get__(self, model: Any, cls: Any = None) -> Any:
        return self if model is None else model._steps.get(self.kind)

    def __set__(self, model: Any, step: Any) -> None:
        """Keep a Step; what `make_train_function` returned is made anew when it is needed."""
        model._steps.pop(self.kind, None)
        if isinstance(step, Step):
            model._steps[self.kind] = step


class Trainer:
    """The part of a Model that trains it."""

    def _start_training(self) -> None:
        """Set what belongs to training to its first values."""
        self.compiled = False
        self.optimizer: Any = None
        self.loss: Any = None
        self.stop_training, self.history = False, None
        self._initial_epoch: int | None = None  # of a backup, if a callback has found one
        self.run_eagerly = False
        self._compiled_loss: Any = None
        self._compiled_metrics: Any = None
        self._loss_tracker: Any = None
        self._reported: dict[str, Any] = {}  # means of what layers report by add_metric
        self._steps: dict[str, Step] = {}
        self._compile_arguments: dict[str, Any] = {}

    # -- compile ------------------------------------------------------------------------------

    def compile(self, optimizer: Any = "rmsprop", loss: Any = None, loss_weights: Any = None,
                metrics: Any = None, weighted_metrics: Any = None, run_eagerly: bool = False,
                steps_per_execution: int = 1, jit_compile: Any = "auto",
                auto_scale_loss: bool = True, sample_weight_mode: Any = None,
                target_tensors: Any = None) -> None:  # fmt: skip
        """Say how the model is trained.

        Parameters
        ----------
        optimizer : str or Optimizer
            By name, or an object.
        loss : str, Loss or function, or list or dict of these
            For each output; a dict has the outputs' names as keys.
        loss_weights : list or dict of float, optional
            Factors of the losses of several outputs.
        metrics, weighted_metrics : list, or list of lists, or dict, optional
            What is told beside the loss; the weighted ones get the samples' weights.
        run_eagerly : bool
            Run `train_step` as Python, for debugging, instead of as a graph.
        steps_per_execution, jit_compile : optional
            Accepted as in Keras; a graph is compiled as soon as that pays.
        auto_scale_loss : bool
            Under the policy "mixed_float16", scale the loss, as a `LossScaleOptimizer` does.
        sample_weight_mode, target_tensors : optional
            Of tf.keras 2; not used.
        """
        self.optimizer = optimizers_module.get(optimizer)
        if auto_scale_loss and self._wants_scaled_loss():
            self.optimizer = LossScaleOptimizer(self.optimizer, name="loss_scale_optimizer")
        names = getattr(self, "output_names", None) if self.built else None  # type: ignore[attr-defined]
        with init_scope():
            self._loss_tracker = Mean(name="loss")
        self.loss = loss
        self._compiled_loss = None if loss is None else CompiledLoss(loss, loss_weights, names)
        self._compiled_metrics = CompiledMetrics(metrics, weighted_metrics, names)
        self.run_eagerly = bool(run_eagerly)
        self.stop_training = False
        self._steps = {}
        self._compile_arguments = {
            "optimizer": self.optimizer, "loss": loss, "loss_weights": loss_weights,
            "metrics": metrics, "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly, "steps_per_execution": steps_per_execution,
            "jit_compile": bool(jit_compile) if jit_compile != "auto" else False,
        }  # fmt: skip
        self.compiled = True

    def _wants_scaled_loss(self) -> bool:
        """Return whether gradients would vanish in float16, and nothing is done about it yet."""
        policy = self.dtype_policy.name  # type: ignore[attr-defined]
        optimizer = self.optimizer
        return policy == "mixed_float16" and not (
            optimizer is None or isinstance(optimizer, LossScaleOptimizer)
        )

    def get_compile_config(self) -> dict[str, Any] | None:
        """Return what `compile` was told, as plain data."""
        if not self.compiled or type(self).compile is not Trainer.compile:
            return None
        return {k: serialize_keras_object(v) for k, v in self._compile_arguments.items()}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as a config says."""
        if type(self).compile is not Trainer.compile:
            warn(f"{type(self).__name__} overrides compile(): call it after loading")  # fmt: skip
            return
        told = {k: deserialize_keras_object(v) for k, v in config.items()}
        self.compile(**told)
        if self.built and self.optimizer is not None:  # type: ignore[attr-defined]
            self.optimizer.build(self.trainable_variables)  # type: ignore[attr-defined]

    def _check_compiled(self, method: str) -> None:
        if not self.compiled:
            raise FailedPreconditionError(
                f"{method}: call compile(optimizer, loss) first, which says how to train the model"
            )

    # -- what a step does: override these ------------------------------------------------------

    def train_step(self, data: Any) -> dict[str, Any]:
        """Take one step of training on a batch; return what is told of it."""
        x, y, sample_weight = unpack(data)
        with GradientTape() as tape:
            y_pred = self(x, training=True)  # type: ignore[operator]
            loss = self._loss_of(x, y, y_pred, sample_weight, True)
            scaled = self.optimizer.scale_loss(loss)
        self._loss_tracker.update_state(loss, sample_weight=_count(x))
        variables = self.trainable_variables  # type: ignore[attr-defined]
        if variables:
            gradients = tape.gradient(scaled, variables)
            self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        else:
            warn("the model has no weights to train")
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Evaluate a batch; return what is told of it."""
        x, y, sample_weight = unpack(data)
        y_pred = self(x, training=False)  # type: ignore[operator]
        loss = self._loss_of(x, y, y_pred, sample_weight, False)
        self._loss_tracker.update_state(loss, sample_weight=_count(x))
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data: Any) -> Any:
        """Return the predictions of a batch."""
        x, _, _ = unpack(data)
        return self(x, training=False)  # type: ignore[operator]

    def _loss_of(self, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool) -> Any:
        """Call `compute_loss`; programs override it with and without `training`."""
        parameters = signature(self.compute_loss).parameters
        takes = "training" in parameters or any(
            p.kind is p.VAR_KEYWORD for p in parameters.values()
        )
        extra = {"training": training} if takes else {}
        return self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, **extra)

    def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None,
                     sample_weight: Any = None, training: bool = True) -> Any:  # fmt: skip
        """Return the loss of a batch: that of the predictions, and what layers have added."""
        losses = [reduce_sum(loss) for loss in self.losses]  # type: ignore[attr-defined]
        if self._compiled_loss is not None:
            if y is None and not losses:
                raise InvalidArgumentError("the loss needs targets: y= is missing")
            if y is not None:
                losses.insert(0, self._compiled_loss(y, y_pred, sample_weight))
        if not losses:
            raise InvalidArgumentError("nothing to train: give compile() a loss, or use add_loss()")
        total = losses[0]
        for loss in losses[1:]:
            total = total + loss
        return total

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Update the metrics with a batch, and return what they tell."""
        if self._compiled_metrics is not None and y is not None:
            self._compiled_metrics.update_state(y, y_pred, sample_weight)
        for name, value in self.reported.items():  # type: ignore[attr-defined]
            if name not in self._reported:
                self._reported[name] = Mean(name=name)
            self._reported[name].update_state(value)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """Return what the loss and the metrics tell, by name."""
        found: dict[str, Any] = {}
        compiled = self._compiled_metrics
        named = [] if compiled is None else compiled.metrics
        for metric in self.metrics:
            if metric not in named:
                found |= results_of(metric)
        return found if compiled is None else found | compiled.result()

    # tf.keras 2 had these names for what `train_step` uses.
    @property
    def compiled_loss(self) -> Any:
        """A function of (y, y_pred, sample_weight, regularization_losses), which tells the loss."""
        return None if self._compiled_loss is None else self._told_loss

    def _told_loss(self, y: Any, y_pred: Any, sample_weight: Any = None,
                   regularization_losses: Any = None) -> Any:  # fmt: skip
        loss = self._compiled_loss(y, y_pred, sample_weight, regularization_losses)
        self._loss_tracker.update_state(loss, sample_weight=_count(y_pred))
        return loss

    @property
    def compiled_metrics(self) -> Any:
        """The compiled metrics, with `update_state` and `result`."""
        return self._compiled_metrics

    # -- metrics ------------------------------------------------------------------------------

    @property
    def _own_metrics(self) -> list[Any]:
        """The metrics that `compile` has made: the loss, those of several outputs, the rest."""
        loss = [] if self._loss_tracker is None else [self._loss_tracker]
        several = [] if self._compiled_loss is None else self._compiled_loss.trackers
        others = [] if self._compiled_metrics is None else self._compiled_metrics.known
        return [*loss, *several, *others]

    @property
    def metrics(self) -> list[Any]:
        """All metrics: those of `compile`, and those that the model and its layers hold."""
        held = [m for layer in self._flatten_layers() for m in layer._metrics]  # type: ignore[attr-defined]
        return list(dict.fromkeys([*self._own_metrics, *held]))

    @property
    def metrics_names(self) -> list[str]:
        """The names of the metrics."""
        return [m.name for m in self.metrics]

    @property
    def metrics_variables(self) -> list[Any]:
        """The Variables of the metrics."""
        return [v for m in self.metrics for v in m.variables]

    def reset_metrics(self) -> None:
        """Let all metrics begin anew."""
        for metric in self.metrics:
            metric.reset_state()

    # -- running steps ------------------------------------------------------------------------

    def _step(self, kind: str, method: Callable[[Any], Any]) -> Step:
        """Return a kind of step, ready to run: as a graph, or as Python."""
        step = self._steps.get(kind)
        if step is None or step.eager != self.run_eagerly:
            step = self._steps[kind] = Step(method, self.run_eagerly)
        return step

    def make_train_function(self, force: bool = False) -> Callable[..., Any]:
        """Return the function that runs `train_step` on the next batch of an iterator."""
        return self._on_next("train", self.train_step, force)

    def make_test_function(self, force: bool = False) -> Callable[..., Any]:
        """Return the function that runs `test_step` on the next batch of an iterator."""
        return self._on_next("test", self.test_step, force)

    def make_predict_function(self, force: bool = False) -> Callable[..., Any]:
        """Return the function that runs `predict_step` on the next batch of an iterator."""
        return self._on_next("predict", self.predict_step, force)

    def _on_next(self, kind: str, method: Callable[[Any], Any], force: bool) -> Callable[..., Any]:
        if force:
            self._steps.pop(kind, None)
        step = self._step(kind, method)
        return lambda iterator: step(as_batch(next(iterator)))

    train_function = _StepOf("train", "What `fit` runs for every batch; it knows its graphs.")
    test_function = _StepOf("test", "What `evaluate` runs for every batch.")
    predict_function = _StepOf("predict", "What `predict` runs for every batch.")

    # -- fit ----------------------------------------------------------------------------------

    def fit(self, x: Any = None, y: Any = None, batch_size: int | None = None, epochs: int = 1,
            verbose: Any = "auto", callbacks: Any = None, validation_split: float = 0.0,
            validation_data: Any = None, shuffle: Any = True, class_weight: Any = None,
            sample_weight: Any = None, initial_epoch: int = 0, steps_per_epoch: int | None = None,
            validation_steps: int | None = None, validation_batch_size: int | None = None,
            validation_freq: Any = 1, workers: Any = None, use_multiprocessing: Any = None,
            max_queue_size: Any = None) -> Any:  # fmt: skip
        """Train the model.

        Parameters
        ----------
        x : array, Dataset, generator, PyDataset, or list or dict of arrays
            Inputs; all but arrays bring batches ``(x, y)`` or ``(x, y, sample_weight)``.
        y : array, or list or dict of arrays, optional
            Targets.
        batch_size : int, optional
            Samples of a batch cut from arrays; 32 by default.
        epochs, initial_epoch : int
            Number of the epoch to stop before, and of the first.
        verbose : "auto", 0, 1 or 2
            Nothing (0), a progress bar (1), or a line per epoch (2).
        callbacks : list of Callback, optional
            Are told of all that happens.
        validation_split : float
            Share of the arrays, from their end, to evaluate after each epoch.
        validation_data : tuple or Dataset, optional
            Data to evaluate after each epoch.
        shuffle : bool
            Whether arrays are brought in another order in each epoch.
        class_weight : dict of int to float, optional
            Weight of the samples of each class.
        sample_weight : array, optional
            Weight of each sample.
        steps_per_epoch, validation_steps : int, optional
            Number of batches of an epoch, of an evaluation.
        validation_batch_size : int, optional
            `batch_size` by default.
        validation_freq : int or list of int
            After how many epochs, or after which, to evaluate.
        workers, use_multiprocessing, max_queue_size : optional
            Of tf.keras 2; not used.

        Returns
        -------
        History
            Its `history` holds, by name, a number for each epoch.

        Raises
        ------
        FailedPreconditionError
            Before `compile`.
        InvalidArgumentError
            For data that do not fit together, or not the model.
        """
        self._check_compiled("fit")
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = split_off((x, y, sample_weight),
                                                               validation_split)  # fmt: skip
        batches = batches_of(
            x, y, sample_weight, batch_size, steps_per_epoch, shuffle, class_weight
        )
        validation = self._validation(validation_data, validation_batch_size or batch_size,
                                      validation_steps)  # fmt: skip
        told = self._callbacks(callbacks, verbose, epochs=epochs, steps=batches.steps,
                               add_history=True)  # fmt: skip
        step = self._step("train", self.train_step)
        self.stop_training, self._initial_epoch = False, None
        told.on_train_begin()
        logs: dict[str, Any] = {}
        for epoch in range(self._initial_epoch or initial_epoch, epochs):
            self.reset_metrics()
            told.on_epoch_begin(epoch)
            logs = self._train_epoch(batches, step, told, epoch)
            if validation is not None and _is_due(epoch, validation_freq):
                logs |= {f"val_{k}": v for k, v in self._evaluate(validation, told).items()}
            told.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        batches.close()
        if self.optimizer is not None:
            self.optimizer.finalize_variable_values()
        told.on_train_end(logs)
        return self.history

    def _train_epoch(self, batches: Batches, step: Step, told: Any, epoch: int) -> dict[str, Any]:
        logs: Any = None
        was_finite = True
        for number, batch in enumerate(batches.epoch()):
            told.on_train_batch_begin(number)
            logs = step(batch)
            if was_finite and is_nan(logs):
                was_finite = False
                warn(where_nan_began(batch, epoch, number))
            told.on_train_batch_end(number, logs)
            if self.stop_training:
                break
        if logs is None:
            raise InvalidArgumentError("fit: the data have not a single batch")
        return self._epoch_logs(logs)

    def _epoch_logs(self, logs: Any) -> dict[str, Any]:
        """Return what the metrics tell at the end, or what the last step told, if that is more."""
        if not isinstance(logs, Mapping):
            raise UsageError(f"a step returns a dict of what is to be told, got {logs!r}")
        seen = self._loss_tracker is None or float(self._loss_tracker.count) > 0
        final = self.get_metrics_result() if seen else {}
        return as_numbers(final if set(final) == set(logs) else logs)

    def _validation(self, data: Any, batch_size: int | None, steps: int | None) -> Batches | None:
        if data is None:
            return None
        if isinstance(data, (tuple, list)):
            return batches_of(*unpack(tuple(data)), batch_size, steps)
        return batches_of(data, steps=steps, batch_size=batch_size)

    def _callbacks(self, callbacks: Any, verbose: Any, **params: Any) -> CallbackList:
        if isinstance(callbacks, CallbackList):
            return callbacks
        if verbose == "auto":
            verbose = 1 if is_interactive_logging_enabled() else 2
        verbose = int(verbose)
        history = params.pop("add_history", False)
        return CallbackList(callbacks, add_history=history, add_progbar=verbose != 0, model=self,
                            verbose=verbose, **params)  # fmt: skip

    # -- evaluate and predict ------------------------------------------------------------------

    def evaluate(self, x: Any = None, y: Any = None, batch_size: int | None = None,
                 verbose: Any = "auto", sample_weight: Any = None, steps: int | None = None,
                 callbacks: Any = None, return_dict: bool = False,
                 workers: Any = None, use_multiprocessing: Any = None,
                 max_queue_size: Any = None) -> Any:  # fmt: skip
        """Return the loss and the metrics on data.

        Parameters
        ----------
        x, y, batch_size, sample_weight, verbose, callbacks
            As in `fit`.
        steps : int, optional
            Number of batches; all by default.
        return_dict : bool
            Return them by name.

        Returns
        -------
        float, list of float, or dict
            The loss alone, where there are no metrics. In a list the loss is first, then come those
            of several outputs, the metrics of `compile`, those that the model and its layers hold.
        """
        self._check_compiled("evaluate")
        batches = batches_of(x, y, sample_weight, batch_size, steps)
        told = self._callbacks(callbacks, verbose, epochs=1, steps=batches.steps)
        logs = self._evaluate(batches, told)
        return logs if return_dict else in_order(logs, self.metrics)

    def _evaluate(self, batches: Batches, told: Any) -> dict[str, Any]:
        step = self._step("test", self.test_step)
        self.reset_metrics()
        told.on_test_begin()
        logs: Any = None
        for number, batch in enumerate(batches.epoch()):
            told.on_test_batch_begin(number)
            logs = step(batch)
            told.on_test_batch_end(number, logs)
        batches.close()  # the next evaluation is on the same batches, also with validation_steps
        if logs is None:
            raise InvalidArgumentError("evaluate: the data have not a single batch")
        found = self._epoch_logs(logs)
        told.on_test_end(found)
        return found

    def predict(self, x: Any, batch_size: int | None = None, verbose: Any = "auto",
                steps: int | None = None, callbacks: Any = None,
                workers: Any = None, use_multiprocessing: Any = None,
                max_queue_size: Any = None) -> Any:  # fmt: skip
        """Return the predictions for data, batch by batch, as arrays.

        Parameters
        ----------
        x : array, Dataset, generator or PyDataset
            Targets that come along are not looked at.
        batch_size, verbose, callbacks
            As in `fit`.
        steps : int, optional
            Number of batches; all by default.

        Returns
        -------
        array, or list or dict of arrays
            In the form in which the model returns tensors.
        """
        batches = batches_of(x, None, None, batch_size, steps)
        told = self._callbacks(callbacks, verbose, epochs=1, steps=batches.steps)
        step = self._step("predict", self.predict_step)
        told.on_predict_begin()
        parts: list[list[Any]] = []
        form: Any = None
        for number, batch in enumerate(batches.epoch()):
            told.on_predict_batch_begin(number)
            form = step(batch)
            parts.append([t.numpy() if isinstance(t, Tensor) else np.asarray(t)
                          for t in flatten(form)])  # fmt: skip
            told.on_predict_batch_end(number, {"outputs": form})
        told.on_predict_end()
        if not parts:
            raise InvalidArgumentError("predict: the data have not a single batch")
        return pack_like(form, [_joined(arrays) for arrays in zip(*parts, strict=True)])

    # -- one batch ----------------------------------------------------------------------------

    def train_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None,
                       class_weight: Any = None, return_dict: bool = False,
                       reset_metrics: bool = True) -> Any:  # fmt: skip
        """Take one step of training on a batch; return the loss and the metrics."""
        self._check_compiled("train_on_batch")
        if reset_metrics:
            self.reset_metrics()
        return self._on_batch("train", self.train_step, (x, y, sample_weight), class_weight,
                              return_dict)  # fmt: skip

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None,
                      return_dict: bool = False, reset_metrics: bool = True) -> Any:  # fmt: skip
        """Return the loss and the metrics on a batch."""
        self._check_compiled("test_on_batch")
        if reset_metrics:
            self.reset_metrics()
        return self._on_batch("test", self.test_step, (x, y, sample_weight), None, return_dict)

    def _on_batch(self, kind: str, method: Any, data: Any, class_weight: Any,
                  return_dict: bool) -> Any:  # fmt: skip
        x, y, sample_weight = data
        size = len(flatten(x)[0])
        batches = batches_of(x, y, sample_weight, size, class_weight=class_weight)
        batch = next(batches.epoch())
        logs = as_numbers(self._step(kind, method)(batch))
        return logs if return_dict else in_order(logs, self.metrics)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the predictions for a batch, as arrays."""
        found = self._step("predict", self.predict_step)(as_batch((x,)))
        return pack_like(found, [np.asarray(t.numpy()) for t in flatten(found)])


def _count(x: Any) -> Any:
    """Return the number of samples in a batch, as a float."""
    leaf = next(t for t in flatten(x) if isinstance(t, Tensor))
    known = leaf.shape[0] if leaf.ndim else 1
    return as_tensor(float(known)) if known is not None else cast(shape(leaf)[0], float32)


def _is_due(epoch: int, frequency: Any) -> bool:
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency


def as_numbers(logs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is told as Python numbers; arrays where it is more than one.

    A metric that tells several things by name tells them beside the others.
    """
    found: dict[str, Any] = {}
    for name, value in logs.items():
        found |= as_numbers(value) if isinstance(value, Mapping) else {name: _number(value)}
    return found


def _number(value: Any) -> Any:
    array = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    return array.item() if array.size == 1 else array


def _joined(arrays: tuple[Any, ...]) -> Any:
    if arrays[0].ndim == 0:
        return np.stack(arrays)
    return np.concatenate(arrays)
