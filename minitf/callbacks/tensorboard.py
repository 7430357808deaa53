"""TensorBoard: write what it shows of a training."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from minitf.callbacks.callback import Callback, Logs
from minitf.callbacks.learning_rate import learning_rate_of
from minitf.callbacks.projector import write_projector
from minitf.dtypes import int64
from minitf.errors import InvalidArgumentError
from minitf.ops.logic import equal
from minitf.ops.state import Variable
from minitf.runtime.events import summary
from minitf.runtime.events.messages import metadata_message
from minitf.runtime.events.tracing import graph
from minitf.runtime.timeline import Trace


class TensorBoard(Callback):
    """Write losses, metrics, weights and graphs of a training for TensorBoard.

    ``tensorboard --logdir logs`` shows them, while the training goes on and afterwards. The package
    tensorboard is needed for that alone.

    Parameters
    ----------
    log_dir : path
        One per training; ``train`` and ``validation`` inside of it appear as two runs.
    histogram_freq : int
        Write histograms of all weights every so many epochs; 0: never.
    write_graph : bool
        Whether to write the graph of a training step, and the layers of the model.
    write_images : bool
        Whether to write the weights as images, too, where there are histograms.
    write_steps_per_second : bool
        Whether to write how fast it goes.
    update_freq : "epoch", "batch" or int
        Write loss and metrics after every epoch; or also after every batch, or every so many. Then
        `tf.summary` inside of the model works as well.
    profile_batch : int or pair of int
        Batches whose operations are timed, from 1; 0: none. The timeline is written to
        ``train/batch_N.trace.json``, for chrome://tracing and Perfetto.
    embeddings_freq : int
        Write the Embedding layers for the projector every so many epochs; 0: never.
    embeddings_metadata : dict of str to path, or path, optional
        Files with the labels of the rows, by the names of layers, or one for all.

    Examples
    --------
    >>> from minitf import keras
    >>> board = keras.callbacks.TensorBoard("logs/run1", histogram_freq=1)
    """

    def __init__(
        self,
        log_dir: Any = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: Any = "epoch",
        profile_batch: Any = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
    ):
        self.log_dir = str(log_dir)
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        if self.update_freq != "epoch" and not (
            isinstance(self.update_freq, int) and self.update_freq > 0
        ):
            raise InvalidArgumentError(
                f"TensorBoard: update_freq is 'epoch', 'batch' or a number, got {update_freq!r}"
            )
        self._first, self._last = _range(profile_batch)
        self.embeddings_freq = embeddings_freq
        self.embeddings_metadata = embeddings_metadata
        # In Variables, so that a summary inside of a traced step finds the number of its call.
        self._steps = {
            mode: Variable(0, trainable=False, dtype=int64, name=f"tensorboard/{mode}_step")
            for mode in _RUNS
        }
        self._counts = dict.fromkeys(_RUNS, 0)
        self._writers: dict[str, summary.SummaryWriter] = {}
        self._blocks: list[ExitStack] = []
        self._trace: Trace | None = None
        self._has_graph = False

    @property
    def _per_batch(self) -> bool:
        return self.update_freq != "epoch"

    def _writer(self, mode: str) -> summary.SummaryWriter:
        """Return the writer of a run, opened when first needed."""
        if mode not in self._writers:
            self._writers[mode] = summary.create_file_writer(Path(self.log_dir) / _RUNS[mode])
        return self._writers[mode]

    def set_model(self, model: Any) -> None:
        """Take a model, and start new files."""
        super().set_model(model)
        self._close()
        self._has_graph = False
        for mode in _RUNS if self._per_batch else ():
            # Steps that were traced before write to other files, or to none: trace them again.
            make = getattr(model, f"make_{mode}_function", None)
            if make is not None:
                make(force=True)

    # -- the whole run ------------------------------------------------------------------------

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Write the layers of the model; summaries go to the run "train"."""
        self._counts["train"] = 0
        if self.write_graph:
            self._write_layers()
        self._enter("train")

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Close the files."""
        self._leave()
        self._stop_trace()
        self._close()

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Let summaries go to the run "validation"."""
        self._enter("test")

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Write the results over the number of training steps."""
        iterations = getattr(getattr(self.model, "optimizer", None), "iterations", None)
        if iterations is not None:
            with summary.record_if(True), self._writer("test").as_default(int(iterations)):
                for name, value in (logs or {}).items():
                    summary.scalar(f"evaluation_{name}_vs_iterations", value)
        self._leave()

    def _enter(self, mode: str) -> None:
        """Send summaries that the model makes to one run, at the batches that are due."""
        block = ExitStack()
        if self._per_batch:
            step = self._steps[mode]
            step.assign(self._counts[mode])
            block.enter_context(self._writer(mode).as_default(step))
            block.enter_context(summary.record_if(lambda: equal(step % self.update_freq, 0)))
        self._blocks.append(block)

    def _leave(self) -> None:
        if self._blocks:
            self._blocks.pop().close()

    def _close(self) -> None:
        while self._blocks:  # of a training that was interrupted
            self._leave()
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    # -- batches ------------------------------------------------------------------------------

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Count."""
        self._count("train")
        if self._counts["train"] == self._first:
            self._trace = Trace()
            self._trace.__enter__()
        self._batch_began = time.perf_counter()

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Count."""
        self._count("test")

    def _count(self, mode: str) -> None:
        self._counts[mode] += 1
        if self._per_batch:
            self._steps[mode].assign(self._counts[mode])

    def wants_batch_end(self, batch: int, mode: str) -> bool:
        """Return whether there is anything to write after this batch."""
        if mode != "train":
            return False
        wants_graph = self.write_graph and not self._has_graph
        return wants_graph or self._trace is not None or self._is_due()

    def _is_due(self) -> bool:
        return self._per_batch and self._counts["train"] % self.update_freq == 0

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Write the results so far, if it is time."""
        step = self._counts["train"]
        if self.write_graph and not self._has_graph:
            self._write_graph()
        if self._trace is not None and step >= self._last:
            self._stop_trace()
        if not self._is_due():
            return
        with summary.record_if(True), self._writer("train").as_default(step):
            if self.write_steps_per_second:
                pace = 1.0 / (time.perf_counter() - self._batch_began)
                summary.scalar("batch_steps_per_second", pace)
            for name, value in (logs or {}).items():
                summary.scalar(f"batch_{name}", value)

    def _stop_trace(self) -> None:
        if self._trace is not None:
            self._trace.__exit__()
            directory = Path(self.log_dir) / _RUNS["train"]
            directory.mkdir(parents=True, exist_ok=True)
            self._trace.save_chrome_trace(directory / f"batch_{self._counts['train']}.trace.json")
            self._trace = None

    # -- epochs -------------------------------------------------------------------------------

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Look at the clock."""
        self._epoch_began = time.perf_counter(), self._counts["train"]

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write the results of an epoch, and the weights, if it is time."""
        self._write_results(epoch, logs or {})
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            write_projector(Path(self.log_dir), self.model, self.embeddings_metadata)

    def _write_results(self, epoch: int, logs: Logs) -> None:
        results = {name: value for name, value in logs.items() if not name.startswith("val_")}
        if hasattr(getattr(self.model, "optimizer", None), "learning_rate"):
            results["learning_rate"] = learning_rate_of(self.model)
        if self.write_steps_per_second:
            began, count = self._epoch_began
            steps = self._counts["train"] - count
            results["steps_per_second"] = steps / (time.perf_counter() - began)
        validated = {k.removeprefix("val_"): v for k, v in logs.items() if k.startswith("val_")}
        for mode, values in (("train", results), ("test", validated)):
            if values:
                self._write_scalars(mode, epoch, values)

    def _write_scalars(self, mode: str, epoch: int, values: Logs) -> None:
        with summary.record_if(True), self._writer(mode).as_default(epoch):
            for name, value in values.items():
                summary.scalar(f"epoch_{name}", value)

    def _write_weights(self, epoch: int) -> None:
        with summary.record_if(True), self._writer("train").as_default(epoch):
            for name, weight in _weights(self.model):
                summary.histogram(f"{name}/histogram", weight)
                pixels = as_pixels(weight) if self.write_images else None
                if pixels is not None:
                    summary.image(f"{name}/image", pixels)

    # -- graphs -------------------------------------------------------------------------------

    def _write_graph(self) -> None:
        """Write the graph of the training step, once it has been traced."""
        self._has_graph = True
        step = getattr(self.model, "train_function", None)
        traced = getattr(step, "concrete_functions", None)
        if traced:
            with summary.record_if(True), self._writer("train").as_default():
                graph(traced[-1].graph)

    def _write_layers(self) -> None:
        """Write the layers and how they are connected, where the model consists of layers alone."""
        if type(self.model).__name__ not in ("Functional", "Sequential"):
            return
        metadata = metadata_message("graph_keras_model", content=b"1")
        with summary.record_if(True), self._writer("train").as_default(0):
            summary.write("keras", self.model.to_json(), metadata=metadata)


_RUNS = {"train": "train", "test": "validation"}  # the folder of each


def _range(profile_batch: Any) -> tuple[int, int]:
    """Return the first and the last batch to be timed."""
    parts = profile_batch.split(",") if isinstance(profile_batch, str) else profile_batch
    try:
        found = [int(n) for n in (parts if isinstance(parts, (list, tuple)) else [parts])]
    except (TypeError, ValueError):
        found = []
    if len(found) not in (1, 2) or not 0 <= found[0] <= found[-1]:
        raise InvalidArgumentError(
            "TensorBoard: profile_batch is a number >= 0, or the first and the last of several, "
            f"got {profile_batch!r}"
        )
    return found[0], found[-1]


def _weights(model: Any) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of all weights."""
    for layer in model.layers:
        for weight in layer.weights:
            yield getattr(weight, "path", weight.name).replace(":", "_"), np.asarray(weight)


def as_pixels(weight: Any) -> Any:
    """Return weights as images (images, height, width, channels); None where they are no images.

    A vector is a row, a matrix one image, lying on its side; of anything larger the last axis
    counts the images.
    """
    squeezed = np.squeeze(weight)
    if squeezed.ndim == 1:
        return squeezed.reshape(1, 1, -1, 1)
    if squeezed.ndim == 2:
        wide = squeezed if squeezed.shape[0] <= squeezed.shape[1] else squeezed.T
        return wide[None, :, :, None]
    if squeezed.ndim == 3:
        return np.moveaxis(squeezed, -1, 0)[..., None]
    return None
