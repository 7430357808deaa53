"""The progress bar: what it counts, averages and promises, on a terminal and in a log file."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

from minitf.data import Progbar, progress


class Clock:
    """A clock that only the test moves."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now


class Terminal:
    """The captured output, pretending to be a terminal a hundred characters wide."""

    def __init__(self, capsys):
        self.capsys = capsys
        self.text = ""

    def getvalue(self):
        self.text += self.capsys.readouterr().out
        return self.text

    def lines(self):
        """Return what a terminal would show at the end of each line."""
        return [line.rsplit("\r", 1)[-1].rstrip() for line in self.getvalue().split("\n")]


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


@pytest.fixture
def terminal(monkeypatch, capsys):
    monkeypatch.setattr(progress, "_on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    return Terminal(capsys)


def run(bar, clock, steps, seconds, **values):
    for step in range(1, steps + 1):
        clock.now += seconds
        bar.update(step, values.items())


def test_a_terminal_sees_one_line_that_is_rewritten(clock, terminal):
    bar = Progbar(4, width=8)
    clock.now += 1
    bar.update(1, [("loss", 0.5)])
    assert terminal.lines() == ["1/4 [=>......] - 3s left - 1s/step - loss: 0.5000"]
    for step in (2, 3, 4):
        clock.now += 1
        bar.update(step, [("loss", 0.5)])
    assert terminal.lines() == ["4/4 [========] - 4s 1s/step - loss: 0.5000", ""]


def test_a_shorter_line_wipes_out_a_longer_one(clock, terminal):
    bar = Progbar(2, stateful_metrics=["x"])
    clock.now += 1
    bar.update(1, [("x", 12345678.0)])
    clock.now += 1
    bar.update(2, [("x", 1.0)])
    first, second = terminal.getvalue().split("\r")[1:]
    assert len(second.rstrip("\n")) >= len(first)


def test_a_line_never_wraps(clock, terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    run(Progbar(3), clock, 3, 1.0, loss=1.0, accuracy=0.5)
    assert max(len(line) for line in re.split("[\r\n]", terminal.getvalue())) == 29


def test_only_ascii_is_written(clock, terminal):
    run(Progbar(3), clock, 3, 1e-5, loss=1e-7)
    assert terminal.getvalue().isascii()
    assert "10us/step - loss: 1.0000e-07" in terminal.lines()[0]


def test_looks_closer_than_the_interval_are_left_out(clock, terminal):
    run(Progbar(1000, interval=0.05), clock, 1000, 0.001)
    assert 15 <= terminal.getvalue().count("\r") <= 21


def test_elsewhere_there_are_few_plain_lines(clock, capsys):
    run(Progbar(100), clock, 100, 0.25, loss=2.0)
    lines = capsys.readouterr().out.splitlines()
    assert [line[:7] for line in lines] == [" 40/100", " 80/100", "100/100"]
    assert lines[0].endswith("15s left - 250ms/step - loss: 2.0000")
    assert not any("\r" in line or "\b" in line for line in lines)


def test_a_short_run_elsewhere_is_one_line(clock, capsys):
    run(Progbar(100), clock, 100, 0.01)
    assert capsys.readouterr().out.splitlines() == ["100/100 [====================] - 1s 10ms/step"]


@pytest.mark.parametrize(("verbose", "lines"), [(0, 0), (2, 1)])
def test_verbose(verbose, lines, clock, capsys):
    run(Progbar(100, verbose=verbose), clock, 100, 1.0, loss=1.0)
    out = capsys.readouterr().out
    assert out.count("\n") == lines
    assert "[" not in out


def test_values_are_averaged_over_the_steps_they_stand_for(clock, capsys):
    bar = Progbar(4)
    bar.update(1, [("loss", 10.0), ("rate", 0.3)])
    bar.update(4, [("loss", 2.0)])  # stands for three steps: (10 + 3 * 2) / 4
    assert "loss: 4.0000 - rate: 0.3000" in capsys.readouterr().out


def test_stateful_metrics_are_shown_as_they_come(clock, capsys):
    bar = Progbar(2, stateful_metrics=["accuracy"])
    bar.update(1, [("accuracy", 0.2)])
    bar.update(2, [("accuracy", 0.6)])
    assert "accuracy: 0.6000" in capsys.readouterr().out


def test_what_is_averaged_can_be_listed_instead(clock, capsys):
    bar = Progbar(2, stateless_metrics=["loss"])
    bar.update(1, [("loss", 2.0), ("accuracy", 0.2)])
    bar.update(2, [("loss", 4.0), ("accuracy", 0.6)])
    assert "loss: 3.0000 - accuracy: 0.6000" in capsys.readouterr().out


def test_what_is_averaged_is_said_in_one_way():
    with pytest.raises(TypeError, match="not both"):
        Progbar(2, stateful_metrics=["a"], stateless_metrics=["b"])


def test_notice_counts_and_tells_when_to_look(clock, terminal):
    bar = Progbar(10)
    assert bar.notice(1)
    clock.now += 1
    bar.update(2)
    assert not bar.notice(3)
    clock.now += 1
    assert bar.notice(4)
    bar.update(4)
    assert " 4/10 [=======>." in terminal.lines()[0]
    assert "4s left - 667ms/step" in terminal.lines()[0]  # three steps in two seconds


def test_an_explicit_end_takes_the_values_of_the_whole_run(clock, capsys):
    bar = Progbar(2)
    bar.update(1, [("loss", 9.0)])
    bar.update(2, [("loss", 9.0)], finalize=False)
    assert capsys.readouterr().out == ""
    bar.update(2, [("loss", 1.0)], finalize=True)
    assert "loss: 1.0000" in capsys.readouterr().out


def test_add_counts_on(clock, capsys):
    bar = Progbar(10)
    bar.add(4, [("loss", 1.0)])
    bar.add(6, [("loss", 2.0)])
    out = capsys.readouterr().out
    assert out.startswith("10/10 ")
    assert out.endswith("loss: 1.6000\n")


def test_values_may_be_arrays(clock, capsys):
    Progbar(1).update(1, [("loss", np.float32([1.0, 2.0]))])
    assert "loss: 1.5000" in capsys.readouterr().out


def test_the_slow_first_step_does_not_spoil_the_forecast(clock, terminal):
    bar = Progbar(101)
    clock.now += 50  # tracing
    bar.update(1)
    clock.now += 1
    bar.update(2)
    assert "1:39 left - 1s/step" in terminal.lines()[0]


def test_hours_are_written_as_such(clock, terminal):
    bar = Progbar(2)
    clock.now += 3661
    bar.update(1)
    assert "1:01:01 left" in terminal.lines()[0]


def test_an_unknown_target_counts_without_a_bar(clock, terminal):
    bar = Progbar(None)
    run(bar, clock, 3, 2.0)
    bar.update(3, finalize=True)
    assert terminal.lines() == ["3/? - 6s 2s/step", ""]


def test_nothing_to_do_is_done_at_once(clock, capsys):
    Progbar(0).update(0)
    assert capsys.readouterr().out == "0/0 - 0s 0us/step\n"


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are a POSIX thing")
def test_a_real_terminal_is_recognised():
    import pty

    program = "from minitf.data import Progbar; Progbar(2).update(1); Progbar(2).update(2)"
    ours, theirs = pty.openpty()
    subprocess.run([sys.executable, "-c", program], stdout=theirs, check=True)
    os.close(theirs)
    seen = os.read(ours, 10000)
    os.close(ours)
    assert re.fullmatch(rb"\r1/2 \[=+>\.+\].*\r2/2 \[=+\].*\r\n", seen)
