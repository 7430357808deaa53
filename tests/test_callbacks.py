"""Callbacks, driven by a small model and a small loop; at the end, by the real ones."""

import csv
import json
import re
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import minitf as tf
from minitf.callbacks import (
    BackupAndRestore,
    Callback,
    CallbackList,
    CSVLogger,
    EarlyStopping,
    History,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ProgbarLogger,
    ReduceLROnPlateau,
    SwapEMAWeights,
    TerminateOnNaN,
)
from minitf.callbacks.callback import HOOKS
from minitf.callbacks.checkpoint import BatchCounter
from minitf.errors import DataError, UsageError


class Net:
    """A model as callbacks see one: its only weight is the number of steps it was trained for."""

    def __init__(self, rate=1.0):
        self.weights = [np.zeros(())]
        self.trainable_variables = self.weights
        self.optimizer = SimpleNamespace(
            learning_rate=tf.Variable(rate), built=False, build=self.build_optimizer
        )
        self.metrics = []
        self.built = True
        self.stop_training = False
        self._initial_epoch = None
        self.saved = []

    def build_optimizer(self, variables):
        self.optimizer.built = variables is self.trainable_variables

    def get_weights(self):
        return [w.copy() for w in self.weights]

    def set_weights(self, weights):
        self.weights = [w.copy() for w in weights]

    def save_weights(self, filepath, overwrite=True):
        assert overwrite
        Path(filepath).write_text(str(int(self.weights[0])))
        self.saved.append(Path(filepath).name)

    save = save_weights

    def load_weights(self, filepath):
        text = Path(filepath).read_text()
        if not text.isdigit():
            raise DataError(f"{filepath} is damaged")
        self.set_weights([np.array(int(text))])


def fit(model, callbacks, logs, steps=3, fail_in=None):
    """Train for one epoch per dict of logs, as `Model.fit` does; return the epochs that ran."""
    epochs = len(logs)
    callbacks = CallbackList(
        callbacks, add_history=True, model=model, epochs=epochs, steps=steps, verbose=0
    )
    model.stop_training = False
    callbacks.on_train_begin()
    ran = []
    for epoch in range(model._initial_epoch or 0, epochs):
        callbacks.on_epoch_begin(epoch)
        for batch in range(steps):
            callbacks.on_train_batch_begin(batch)
            model.weights[0] = model.weights[0] + 1
            if fail_in == (epoch, batch):
                raise KeyboardInterrupt
            callbacks.on_train_batch_end(batch, logs[epoch])
        ran.append(epoch)
        callbacks.on_epoch_end(epoch, logs[epoch])
        if model.stop_training:
            break
    callbacks.on_train_end(logs[epoch])
    return ran


def losses(*values, name="loss"):
    return [{name: value} for value in values]


# ---- Callback and CallbackList


class Spy(Callback):
    """Writes down every call."""

    def __init__(self):
        self.calls = []


def _note(hook):
    def call(self, *args, logs=None):
        self.calls.append((hook, *args))

    return call


for _hook in HOOKS:
    if _hook not in ("on_batch_begin", "on_batch_end"):
        setattr(Spy, _hook, _note(_hook))


def test_a_run_calls_every_hook_in_its_order():
    first, second = Spy(), Spy()
    fit(Net(), [first, [second]], losses(1.0), steps=2)
    assert [call[0] for call in first.calls] == [
        "on_train_begin",
        "on_epoch_begin",
        "on_train_batch_begin",
        "on_train_batch_end",
        "on_train_batch_begin",
        "on_train_batch_end",
        "on_epoch_end",
        "on_train_end",
    ]
    assert first.calls == second.calls
    assert first.calls[4] == ("on_train_batch_begin", 1)


def test_all_other_hooks_are_passed_on():
    spy = Spy()
    callbacks = CallbackList([spy])
    for mode in ("test", "predict"):
        getattr(callbacks, f"on_{mode}_begin")()
        getattr(callbacks, f"on_{mode}_batch_begin")(0)
        getattr(callbacks, f"on_{mode}_batch_end")(0, {})
        getattr(callbacks, f"on_{mode}_end")({})
    assert [call[0] for call in spy.calls] == [
        f"on_{mode}{part}_{end}"
        for mode in ("test", "predict")
        for part, end in (("", "begin"), ("_batch", "begin"), ("_batch", "end"), ("", "end"))
    ]


def test_older_names_of_hooks_are_called():
    seen = []

    class Old(Callback):
        def on_batch_begin(self, batch, logs=None):
            seen.append(("begin", batch))

        def on_batch_end(self, batch, logs=None):
            seen.append(("end", batch, logs["loss"]))

    fit(Net(), [Old()], losses(0.5), steps=1)
    assert seen == [("begin", 0), ("end", 0, 0.5)]


def test_a_callback_knows_model_and_parameters():
    class Silent(Callback):
        def __init__(self):  # does not call super
            self.seen = None

        def on_train_begin(self, logs=None):
            self.seen = self.model, self.params

    model, callback = Net(), Silent()
    fit(model, callback, losses(1.0))
    assert callback.seen == (model, {"epochs": 1, "steps": 3, "verbose": 0})


def test_logs_are_numbers_in_the_order_of_their_names():
    seen = {}
    callback = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.update(logs))
    logs = {"mae": tf.constant(0.5), "inner": {"b": np.float32(2), "a": 1}, "text": "x"}
    CallbackList(callback).on_epoch_end(0, logs)
    assert list(seen.items()) == [("a", 1.0), ("b", 2.0), ("mae", 0.5), ("text", "x")]
    assert type(seen["mae"]) is float


def test_what_one_callback_adds_to_the_logs_the_next_one_sees():
    add = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(extra=epoch))
    model = Net()
    fit(model, [add], losses(1.0, 2.0))
    assert model.history.history == {"loss": [1.0, 2.0], "extra": [0, 1]}


def test_the_list_adds_what_is_missing():
    history, bar = History(), ProgbarLogger()
    assert len(CallbackList([history, bar], add_history=True, add_progbar=True).callbacks) == 2
    kinds = [type(c) for c in CallbackList([Spy()], add_history=True, add_progbar=True).callbacks]
    assert kinds == [Spy, History, ProgbarLogger]
    callbacks = CallbackList()
    spy = Spy()
    callbacks.append(spy)
    callbacks.on_train_batch_end(3)
    assert spy.calls == [("on_train_batch_end", 3)]


@pytest.mark.parametrize("wrong", [EarlyStopping, 3, "early stopping"])
def test_what_is_no_callback_is_refused(wrong):
    hint = "; did you mean EarlyStopping()" if wrong is EarlyStopping else ""
    with pytest.raises(UsageError, match=re.escape(f"got {wrong!r}{hint}")):
        CallbackList([wrong])


def test_logs_are_found_out_only_if_somebody_wants_them():
    def refuse():
        raise AssertionError("nobody wants them")

    quiet = [History(), EarlyStopping(), ModelCheckpoint("x.keras"), BackupAndRestore("x"),
             LearningRateScheduler(lambda e, lr: lr), CSVLogger("x"), ProgbarLogger()]  # fmt: skip
    callbacks = CallbackList(quiet, model=Net(), epochs=1, steps=3, verbose=0)
    for mode in ("train", "test", "predict"):
        getattr(callbacks, f"on_{mode}_batch_end")(0, refuse)
    seen = []
    CallbackList(LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs))
                 ).on_train_batch_end(0, lambda: {"loss": 1})  # fmt: skip
    assert seen == [{"loss": 1.0}]


def test_hooks_that_nobody_overrides_are_not_called():
    callbacks = CallbackList([History(), EarlyStopping(), Spy()])
    assert [len(watchers) for watchers in callbacks._watchers.values()] == [1] * 6


# ---- LambdaCallback


def test_functions_become_hooks():
    seen = []
    callback = LambdaCallback(
        on_train_begin=lambda logs: seen.append("begin"),
        on_epoch_end=lambda epoch, logs: seen.append((epoch, logs["loss"])),
        on_batch_end=lambda batch, logs: seen.append(batch),
        on_train_end=None,
    )
    fit(Net(), callback, losses(0.5), steps=2)
    assert seen == ["begin", 0, 1, (0, 0.5)]


def test_a_hook_that_does_not_exist_is_refused():
    with pytest.raises(UsageError, match="no hook 'on_epoch_ends'; did you mean 'on_epoch_end'"):
        LambdaCallback(on_epoch_ends=print)


# ---- History


def test_history():
    model, history = Net(), History()
    fit(model, [history], [{"loss": 1.0}, {"loss": 0.5, "val_loss": 2.0}])
    assert model.history is history
    assert history.epoch == [0, 1]
    assert history.history == {"loss": [1.0, 0.5], "val_loss": [2.0]}


# ---- what is monitored


def metric(name, direction):
    return SimpleNamespace(name=name, _direction=direction)


@pytest.mark.parametrize(
    ("monitor", "higher"),
    [
        ("loss", False),
        ("val_loss", False),
        ("val_accuracy", True),
        ("auc_1", True),
        ("decoder_loss", False),
        ("val_root_mean_squared_error", False),
        ("val_odd", True),
        ("inner", False),
    ],
)
def test_which_way_is_up(monitor, higher):
    stop = EarlyStopping(monitor)
    group = SimpleNamespace(name="compile_metrics", metrics=[metric("inner", "down")])
    stop.set_model(SimpleNamespace(metrics=[metric("odd", "up"), group]))
    assert stop._is_improvement(2.0, 1.0) is higher


def test_what_is_not_known_must_be_said():
    with pytest.raises(
        ValueError, match="EarlyStopping: whether 'val_odd' is better .* mode='max'"
    ):
        fit(Net(), EarlyStopping("val_odd"), losses(1.0, name="val_odd"))


@pytest.mark.parametrize("kind", [EarlyStopping, ReduceLROnPlateau])
def test_an_unknown_mode_is_auto(kind):
    with pytest.warns(UserWarning, match=f"{kind.__name__}: unknown mode 'top'") as caught:
        assert kind(mode="top").mode == "auto"
    assert caught[0].filename == __file__


@pytest.mark.parametrize("callback", [EarlyStopping("val_acc"), ReduceLROnPlateau("val_acc")])
def test_a_missing_number_is_a_warning_that_names_the_others(callback):
    with pytest.warns(UserWarning, match="`val_acc` is not available. .* are: accuracy,loss"):
        fit(Net(), callback, [{"loss": 1.0, "accuracy": 0.5}])


# ---- EarlyStopping


@pytest.mark.parametrize(
    ("options", "values", "epochs"),
    [
        ({}, [3, 2, 1, 1, 0], 4),
        ({"patience": 2}, [3, 2, 4, 1, 2, 3, 0], 6),
        ({"min_delta": 0.5}, [3, 2, 1.6, 1], 3),
        ({"min_delta": -0.5}, [3, 2, 1.6, 1], 3),
        ({"mode": "max"}, [1, 2, 1, 3], 3),
        ({"mode": "max", "min_delta": 0.5, "patience": 2}, [1, 1.4, 1.4, 3], 3),
        ({"baseline": 0.5, "patience": 3}, [3, 2, 1, 2, 0.1], 4),
        ({"baseline": 5, "patience": 1}, [3, 2, 1, 2], 4),
        ({"start_from_epoch": 3}, [1, 2, 3, 4, 5, 6], 5),
        ({"patience": 1}, [1, 2], 2),
        ({}, [1, float("nan"), 0], 2),
    ],
)
def test_early_stopping(options, values, epochs):
    model = Net()
    ran = fit(model, EarlyStopping("loss", **options), losses(*values))
    assert len(ran) == epochs


def test_the_first_epoch_never_stops():
    stop = EarlyStopping("loss", baseline=0.5)
    assert fit(Net(), stop, losses(3.0, 2.0, 2.5)) == [0, 1, 2]


def test_the_best_weights_come_back(capsys):
    model = Net()
    stop = EarlyStopping("loss", patience=2, restore_best_weights=True, verbose=1)
    fit(model, stop, losses(3, 1, 2, 3, 4))
    assert model.weights[0] == 6  # three steps in each of two epochs
    assert stop.stopped_epoch == 3
    assert capsys.readouterr().out == (
        "Epoch 4: early stopping\nRestoring model weights from the end of the best epoch: 2.\n"
    )


def test_the_best_weights_come_back_without_stopping():
    model = Net()
    fit(model, EarlyStopping("loss", patience=9, restore_best_weights=True), losses(2, 1, 3))
    assert model.weights[0] == 6


def test_weights_of_the_best_epoch_come_back_though_none_beats_the_baseline():
    model = Net()
    stop = EarlyStopping("loss", patience=4, baseline=0.1, restore_best_weights=True)
    fit(model, stop, losses(3, 1, 2, 3, 4, 5))
    assert model.weights[0] == 6


def test_early_stopping_can_be_used_again():
    stop = EarlyStopping("loss")
    for _ in range(2):
        assert len(fit(Net(), stop, losses(1, 2, 3))) == 2


# ---- ModelCheckpoint


def test_every_epoch_is_saved(tmp_path, capsys):
    model = Net()
    path = tmp_path / "deep" / "{epoch:02d}-{loss:.2f}.keras"
    fit(model, ModelCheckpoint(path, verbose=1), losses(0.5, 0.25))
    assert model.saved == ["01-0.50.keras", "02-0.25.keras"]
    out = capsys.readouterr().out
    assert out.startswith(f"\nEpoch 1: saving model to {tmp_path}")
    assert "Epoch 2: finished saving model to" in out


def test_only_the_best_is_saved(tmp_path, capsys):
    model = Net()
    path = str(tmp_path / "best.weights.h5")
    keep = ModelCheckpoint(path, "loss", save_best_only=True, save_weights_only=True, verbose=1)
    fit(model, keep, losses(3, 4, 2))
    assert (tmp_path / "best.weights.h5").read_text() == "9"
    assert [line for line in capsys.readouterr().out.split("\n") if "prove" in line] == [
        f"Epoch 1: loss improved from None to 3.00000, saving model to {path}",
        "Epoch 2: loss did not improve from 3.00000",
        f"Epoch 3: loss improved from 3.00000 to 2.00000, saving model to {path}",
    ]


def test_a_threshold_must_be_beaten(tmp_path):
    model = Net()
    keep = ModelCheckpoint(tmp_path / "{epoch}.keras", "acc", save_best_only=True, mode="max",
                           initial_value_threshold=0.6)  # fmt: skip
    fit(model, keep, losses(0.5, 0.7, 0.65, 0.8, name="acc"))
    assert model.saved == ["2.keras", "4.keras"]


def test_saving_after_batches(tmp_path):
    model = Net()
    fit(model, ModelCheckpoint(tmp_path / "{epoch}_{batch}.keras", save_freq=2), losses(1, 1))
    assert model.saved == ["1_2.keras", "2_1.keras", "2_3.keras"]


def test_batches_are_counted_even_if_several_are_one_step():
    counter = BatchCounter(5)
    assert [counter.is_due(batch) for batch in (2, 5, 7, 2, 5)] == [False, True, False, True, False]


def test_without_a_number_to_compare_it_saves_and_warns(tmp_path):
    model = Net()
    keep = ModelCheckpoint(tmp_path / "x.keras", "val_loss", save_best_only=True, mode="min")
    with pytest.warns(UserWarning, match="`val_loss` available.* are: loss"):
        fit(model, keep, losses(1.0))
    assert model.saved == ["x.keras"]


@pytest.mark.parametrize(
    ("path", "options", "message"),
    [
        ("x.ckpt", {}, "path for the whole model ends in '.keras', got 'x.ckpt'"),
        ("x.keras", {"save_weights_only": True}, "path for weights ends in '.weights.h5'"),
        ("x.keras", {"save_freq": "batch"}, "save_freq is 'epoch' or a number of batches"),
        ("x.keras", {"save_freq": 0}, "save_freq"),
        ("x.keras", {"save_freq": True}, "save_freq"),
    ],
)
def test_checkpoint_options_are_checked(path, options, message):
    with pytest.raises(ValueError, match=f"ModelCheckpoint: .*{message}"):
        ModelCheckpoint(path, **options)


def test_a_field_that_the_logs_lack_is_named(tmp_path):
    with pytest.raises(KeyError, match="field 'val_loss' that the logs do not .*: epoch, loss"):
        fit(Net(), ModelCheckpoint(tmp_path / "{val_loss}.keras"), losses(1.0))


def test_a_directory_is_no_file(tmp_path):
    (tmp_path / "x.keras").mkdir()
    with pytest.raises(OSError, match="is a directory"):
        fit(Net(), ModelCheckpoint(tmp_path / "x.keras"), losses(1.0))


# ---- BackupAndRestore


def interrupted(directory, at, **options):
    """Train until something kills it, and return what trained."""
    model = Net()
    with pytest.raises(KeyboardInterrupt):
        fit(model, BackupAndRestore(directory, **options), losses(*"12345"), fail_in=at)
    return model


def test_training_goes_on_after_a_kill(tmp_path):
    interrupted(tmp_path / "b", at=(2, 1))
    model = Net()
    assert fit(model, BackupAndRestore(tmp_path / "b"), losses(*"12345")) == [2, 3, 4]
    assert model.weights[0] == 15
    assert model.optimizer.built
    assert not (tmp_path / "b").exists()


def test_training_starts_at_the_beginning_without_a_backup(tmp_path):
    assert fit(Net(), BackupAndRestore(tmp_path / "b"), losses(*"12")) == [0, 1]


def test_a_second_kill_does_no_harm(tmp_path):
    interrupted(tmp_path, at=(2, 1))
    model = Net()
    with pytest.raises(KeyboardInterrupt):
        fit(model, BackupAndRestore(tmp_path), losses(*"12345"), fail_in=(2, 0))
    assert fit(Net(), BackupAndRestore(tmp_path), losses(*"12345")) == [2, 3, 4]


def test_a_backup_after_batches(tmp_path):
    interrupted(tmp_path, at=(1, 2), save_freq=2)  # batches 2, 4 have been saved
    model = Net()
    callback = BackupAndRestore(tmp_path, delete_checkpoint=False)
    assert fit(model, callback, losses(*"12345"))[0] == 1
    assert model.weights[0] == 4 + 3 * 4
    assert json.loads((tmp_path / "training_metadata.json").read_text())["epoch"] == 5
    assert len(list(tmp_path.glob("*.weights.h5"))) == 1


def test_whenever_it_is_killed_weights_and_epoch_fit(tmp_path, monkeypatch):
    """The files that exist after each single change of the directory are a whole backup."""
    states = []

    def look(*args):
        found = tmp_path / "training_metadata.json"
        if found.exists():
            state = json.loads(found.read_text())
            states.append((state["epoch"], (tmp_path / state["weights"]).read_text()))

    original = Path.replace, Path.unlink
    monkeypatch.setattr(Path, "replace", lambda *a: (look(), original[0](*a), look())[1])
    monkeypatch.setattr(Path, "unlink", lambda *a, **k: (original[1](*a, **k), look())[0])
    callback = BackupAndRestore(tmp_path, double_checkpoint=True, delete_checkpoint=False)
    fit(Net(), callback, losses(*"1234"))
    assert len(states) > 8
    assert set(states) == {(epoch, str(3 * epoch)) for epoch in (1, 2, 3, 4)}


@pytest.mark.parametrize("damage", ["weights", "metadata"])
def test_the_backup_before_is_taken_where_the_last_is_damaged(damage, tmp_path):
    interrupted(tmp_path, at=(3, 0), double_checkpoint=True)
    metadata = tmp_path / "training_metadata.json"
    broken = tmp_path / json.loads(metadata.read_text())["weights"]
    (broken if damage == "weights" else metadata).write_text("not that")
    assert fit(Net(), BackupAndRestore(tmp_path), losses(*"12345")) == [2, 3, 4]


def test_a_damaged_backup_is_an_error(tmp_path):
    interrupted(tmp_path, at=(3, 0))
    (tmp_path / "training_metadata.json").write_text("{}")
    with pytest.raises(OSError, match="training_metadata.json is damaged"):
        fit(Net(), BackupAndRestore(tmp_path), losses(*"12345"))


def test_a_model_without_weights_has_no_backup(tmp_path):
    model = Net()
    model.built = False
    with pytest.raises(RuntimeError, match="BackupAndRestore: the model is not built"):
        fit(model, BackupAndRestore(tmp_path), losses(1.0))


@pytest.mark.parametrize(("args", "message"), [(("",), "backup_dir is empty"),
                                               (("b", "never"), "save_freq")])  # fmt: skip
def test_backup_options_are_checked(args, message):
    with pytest.raises(ValueError, match=f"BackupAndRestore: {message}"):
        BackupAndRestore(*args)


# ---- learning rates


@pytest.mark.parametrize("schedule", [lambda epoch: 1.0 / (epoch + 1), lambda epoch, lr: lr / 2])
def test_the_learning_rate_follows_a_schedule(schedule, capsys):
    model = Net(rate=1.0 if schedule.__code__.co_argcount == 1 else 2.0)
    fit(model, LearningRateScheduler(schedule, verbose=1), losses(1, 1))
    assert model.history.history["learning_rate"] == [1.0, 0.5]
    assert float(model.optimizer.learning_rate) == 0.5
    assert (
        "\nEpoch 2: LearningRateScheduler setting learning rate to 0.5." in capsys.readouterr().out
    )


def test_a_schedule_may_return_a_tensor():
    model = Net()
    fit(model, LearningRateScheduler(lambda e, lr: tf.constant(0.25)), losses(1))
    assert model.optimizer.learning_rate == 0.25


def test_an_error_inside_of_a_schedule_is_not_hidden():
    def schedule(epoch, rate):
        raise TypeError("from inside")

    with pytest.raises(TypeError, match="from inside"):
        fit(Net(), LearningRateScheduler(schedule), losses(1))


@pytest.mark.parametrize("value", [None, "0.1", [0.1]])
def test_a_schedule_returns_a_number(value):
    with pytest.raises(ValueError, match="the schedule returns a number, got"):
        fit(Net(), LearningRateScheduler(lambda e, lr: value), losses(1))


@pytest.mark.parametrize(
    ("options", "values", "rates"),
    [
        ({"patience": 2}, [1, 1, 1, 1, 1], [1, 1, 1, 0.1, 0.1]),
        ({"patience": 1, "factor": 0.5}, [1, 2, 3, 0.5, 1], [1, 1, 0.5, 0.25, 0.25]),
        ({"patience": 1, "cooldown": 2}, [1, 1, 1, 1, 1], [1, 1, 0.1, 0.1, 0.01]),
        ({"patience": 1, "min_lr": 0.5}, [1, 1, 1, 1], [1, 1, 0.5, 0.5]),
        ({"patience": 1, "min_delta": 1}, [3, 2.5, 0, 0], [1, 1, 0.1, 0.1]),
        ({"patience": 1, "epsilon": 1}, [3, 2.5, 0, 0], [1, 1, 0.1, 0.1]),
        ({"patience": 1, "mode": "max"}, [1, 2, 1, 1], [1, 1, 1, 0.1]),
    ],
)
def test_the_learning_rate_is_reduced(options, values, rates):
    model = Net()
    fit(model, ReduceLROnPlateau("loss", **options), losses(*values))
    assert model.history.history["learning_rate"] == pytest.approx(rates)


def test_a_reduction_is_announced(capsys):
    fit(Net(), ReduceLROnPlateau("loss", patience=1, factor=0.5, verbose=1), losses(1, 1))
    expected = "\nEpoch 2: ReduceLROnPlateau reducing learning rate to 0.5.\n"
    assert capsys.readouterr().out == expected


def test_a_factor_is_below_one():
    with pytest.raises(ValueError, match="factor is below 1, got 1.0"):
        ReduceLROnPlateau(factor=1.0)


def test_unknown_options_are_ignored_with_a_warning():
    with pytest.warns(UserWarning, match="ignores momentum"):
        ReduceLROnPlateau(momentum=1)


# ---- CSVLogger


def rows(path, separator=","):
    with path.open(newline="") as file:
        return list(csv.reader(file, delimiter=separator))


def test_epochs_are_rows(tmp_path):
    logs = [{"loss": 0.5, "acc": 0.25}, {"loss": 0.25, "acc": 0.5, "val_loss": 1.0}]
    fit(Net(), CSVLogger(tmp_path / "log.csv"), logs)
    assert rows(tmp_path / "log.csv") == [
        ["epoch", "acc", "loss", "val_acc", "val_loss"],
        ["0", "0.25", "0.5", "NA", "NA"],
        ["1", "0.5", "0.25", "NA", "1.0"],
    ]


def test_rows_can_be_read_while_training_goes_on(tmp_path):
    seen = []
    look = LambdaCallback(on_epoch_end=lambda e, logs: seen.append(len(rows(tmp_path / "log"))))
    fit(Net(), [CSVLogger(tmp_path / "log", separator=";"), look], losses(1, 2))
    assert seen == [2, 3]
    assert rows(tmp_path / "log", ";")[0] == ["epoch", "loss", "val_loss"]


def test_a_file_is_continued_or_started_anew(tmp_path):
    path = tmp_path / "log.csv"
    for append, expected in ((True, 2), (True, 3), (False, 2), (True, 3)):
        fit(Net(), CSVLogger(path, append=append), losses(1))
        assert len(rows(path)) == expected
    path.write_text("")
    fit(Net(), CSVLogger(path, append=True), losses(1))
    assert rows(path)[0][0] == "epoch"


def test_arrays_are_cells(tmp_path):
    callback = CSVLogger(tmp_path / "log.csv")
    callback.on_train_begin()
    callback.on_epoch_end(0, {"loss": np.float32(1), "per_class": np.array([1, 2])})
    callback.on_train_end()
    assert rows(tmp_path / "log.csv")[1][1:3] == ["1.0", '"[1, 2]"']


def test_a_separator_is_one_character():
    with pytest.raises(UsageError, match="one character"):
        CSVLogger("x", separator=", ")


# ---- TerminateOnNaN


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float32("-inf")])
def test_training_ends_where_the_loss_is_lost(value, capsys):
    assert fit(Net(), TerminateOnNaN(), losses(1, value, 1), steps=2) == [0, 1]
    assert "Batch 0: Invalid loss, terminating training" in capsys.readouterr().out
    with pytest.raises(ArithmeticError, match="the loss is .* at batch 0"):
        fit(Net(), TerminateOnNaN(raise_error=True), losses(value))


# ---- SwapEMAWeights


def averaging_model():
    model = Net()
    model.variable, model.average = tf.Variable(1.0), tf.Variable(10.0)
    model.optimizer.use_ema = True
    model.optimizer.averages = {model.variable: model.average}
    return model


def values(model):
    return float(model.variable), float(model.average)


@pytest.mark.parametrize("mode", ["test", "predict"])
def test_averages_are_evaluated(mode):
    model = averaging_model()
    callbacks = CallbackList(SwapEMAWeights(), model=model, epochs=1)
    getattr(callbacks, f"on_{mode}_begin")()
    assert values(model) == (10.0, 1.0)
    getattr(callbacks, f"on_{mode}_end")()
    assert values(model) == (1.0, 10.0)


def test_averages_can_stay_between_epochs():
    model = averaging_model()
    seen = []
    look = LambdaCallback(
        on_epoch_begin=lambda epoch, logs: seen.append(values(model)),
        on_epoch_end=lambda epoch, logs: seen.append(values(model)),
    )
    fit(model, [SwapEMAWeights(swap_on_epoch=True), look], losses(1, 1))
    assert seen == [(1.0, 10.0), (10.0, 1.0), (1.0, 10.0), (10.0, 10.0)]


def test_without_averages_there_is_nothing_to_swap():
    with pytest.raises(ValueError, match="SwapEMAWeights: .* use_ema=True"):
        CallbackList(SwapEMAWeights(), model=Net()).on_test_begin()


# ---- ProgbarLogger


def show(verbose, epochs=2, steps=2, known=True):
    callbacks = CallbackList(
        add_progbar=True, model=Net(), epochs=epochs, steps=steps if known else None,
        verbose=verbose,
    )  # fmt: skip
    callbacks.on_train_begin()
    for epoch in range(epochs):
        callbacks.on_epoch_begin(epoch)
        for batch in range(steps):
            callbacks.on_train_batch_end(batch, {"loss": 9.0})
        callbacks.on_test_begin()
        callbacks.on_test_batch_end(0, {"loss": 7.0})
        callbacks.on_test_end({"loss": 7.0})
        callbacks.on_epoch_end(epoch, {"loss": 0.5, "accuracy": 0.25, "val_loss": 7.0})
    callbacks.on_train_end()


LINE = r"2/2 \[={20}\] - 0s \d+[mu]s/step - accuracy: 0.2500 - loss: 0.5000 - val_loss: 7.0000\n"


@pytest.mark.parametrize("verbose", [1, "auto", True])
def test_epochs_are_shown(verbose, capsys):
    show(verbose)
    out = capsys.readouterr().out
    assert re.fullmatch(f"Epoch 1/2\n{LINE}Epoch 2/2\n{LINE}", out)
    assert out.isascii()


def test_one_line_per_epoch(capsys):
    show(2, epochs=1)
    line = r"2/2 - 0s - \d+[mu]s/step - accuracy: 0.2500 - loss: 0.5000 - val_loss: 7.0000\n"
    assert re.fullmatch(line, capsys.readouterr().out)


def test_nothing_is_shown(capsys):
    show(0)
    assert capsys.readouterr().out == ""


def test_the_number_of_steps_is_learned(capsys):
    show(1, known=False)
    assert len(re.findall(r"2/2 \[={20}\]", capsys.readouterr().out)) == 2


def test_evaluations_and_predictions_are_shown(capsys):
    bar = ProgbarLogger()
    callbacks = CallbackList(bar, model=Net(), epochs=1, steps=2, verbose=1)
    callbacks.on_test_begin()
    callbacks.on_test_batch_end(1, {"loss": 1.0})
    callbacks.on_test_end({"loss": 2.0})
    callbacks.on_predict_begin()
    callbacks.on_predict_batch_end(1, {"outputs": np.zeros(3)})
    callbacks.on_predict_end()
    evaluation, prediction = capsys.readouterr().out.splitlines()
    assert evaluation.startswith("2/2 [")
    assert evaluation.endswith("s/step - loss: 2.0000")
    assert prediction.endswith("s/step")


def test_a_training_that_stops_early_shows_how_far_it_came(capsys):
    callbacks = CallbackList(add_progbar=True, model=Net(), epochs=1, steps=10, verbose=1)
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(0)
    callbacks.on_train_batch_end(3, {"loss": 1.0})
    callbacks.on_epoch_end(0, {"loss": 1.0})
    assert capsys.readouterr().out.startswith(" 4/10 [")


def test_a_terminal_sees_the_bar_grow(monkeypatch, capsys):
    monkeypatch.setattr("minitf.data.progress._on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    show(1, epochs=1)
    first, *_, last = capsys.readouterr().out.split("\r")[1:]
    assert first.startswith("1/2 [")
    assert "loss: 9.0000" in first
    assert "loss: 0.5000" in last


# ---- with the real model


@pytest.fixture
def keras():
    return pytest.importorskip("minitf.keras", reason="there is no Keras yet")


@pytest.fixture
def compiled(keras):
    def build(**options):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1, name="out")])
        model.compile(options.pop("optimizer", "sgd"), "mse", metrics=["mae"], **options)
        return model

    return build


X = np.random.default_rng(0).normal(size=[40, 3]).astype(np.float32)
Y = X.sum(axis=1, keepdims=True)


def test_callbacks_of_a_real_training(compiled, tmp_path, capsys):
    from minitf import callbacks as cb
    from tests import event_files

    model = compiled()
    history = model.fit(
        X, Y, batch_size=8, epochs=6, validation_split=0.2, verbose=1,
        callbacks=[
            cb.CSVLogger(tmp_path / "log.csv"),
            cb.ModelCheckpoint(tmp_path / "{epoch}.weights.h5", save_weights_only=True),
            cb.LearningRateScheduler(lambda epoch, lr: 0.1 / (epoch + 1)),
            cb.EarlyStopping("val_loss", patience=1, min_delta=1e9),
            cb.TensorBoard(tmp_path / "logs", histogram_freq=1, update_freq=1),
        ],
    )  # fmt: skip
    assert len(history.history["val_mae"]) == 2
    assert history.history["learning_rate"] == pytest.approx([0.1, 0.05])
    assert len(rows(tmp_path / "log.csv")) == 3
    assert sorted(p.name for p in tmp_path.glob("*.h5")) == ["1.weights.h5", "2.weights.h5"]
    out = capsys.readouterr().out
    assert re.search(r"Epoch 1/6\n4/4 \[={20}\] - \d+s \S+/step - .*loss: .* - val_loss: ", out)
    scalars = event_files.scalars(tmp_path / "logs" / "train")
    assert list(scalars["batch_loss"]) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert list(scalars["epoch_mae"].values()) == pytest.approx(history.history["mae"])
    (graph,) = event_files.graphs(tmp_path / "logs" / "train")
    assert any(op == "matmul" for op, *_ in graph.values())


def test_a_real_training_goes_on_after_a_kill(compiled, tmp_path):
    def kill(epoch, logs):
        if epoch == 2:
            raise KeyboardInterrupt

    whole = compiled(optimizer="adam")
    whole.fit(X, Y, epochs=4, shuffle=False, verbose=0)
    first, second = compiled(optimizer="adam"), compiled(optimizer="adam")
    callbacks = [BackupAndRestore(tmp_path), LambdaCallback(on_epoch_begin=kill)]
    with pytest.raises(KeyboardInterrupt):
        first.fit(X, Y, epochs=4, shuffle=False, verbose=0, callbacks=callbacks)
    callbacks = [BackupAndRestore(tmp_path)]
    history = second.fit(X, Y, epochs=4, shuffle=False, verbose=0, callbacks=callbacks)
    assert history.epoch == [2, 3]
    for expected, found in zip(whole.get_weights(), second.get_weights(), strict=True):
        assert np.allclose(expected, found, rtol=1e-6)


def test_warnings_are_not_raised_in_ordinary_use(compiled):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compiled().fit(X, Y, epochs=1, verbose=0, callbacks=[EarlyStopping("loss")])


def test_a_warning_names_the_line_of_the_program():
    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="`val_loss` is not available") as caught:
        model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0,
                  callbacks=[tf.keras.callbacks.EarlyStopping()])  # fmt: skip
    assert {Path(w.filename).name for w in caught} == {"test_callbacks.py"}


def test_where_no_bar_is_wanted_auto_is_one_line_per_epoch():
    model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")

    def verbosity():
        seen = []
        look = LambdaCallback(on_train_begin=lambda logs: seen.append(look.params["verbose"]))
        model.fit(np.zeros((2, 1)), np.zeros((2, 1)), callbacks=[look])
        return seen[0]

    config = tf.keras.config
    assert (config.is_interactive_logging_enabled(), verbosity()) == (True, 1)
    config.disable_interactive_logging()
    try:
        assert (config.is_interactive_logging_enabled(), verbosity()) == (False, 2)
    finally:
        tf.keras.utils.enable_interactive_logging()
    assert verbosity() == 1
