"""What is measured, in which unit, and how good it has to be.

A *group* is one table of the report. Its figures compare only within a round: the ratio of two
frameworks is formed from measurements that stood next to each other, and a target bounds the
median of these ratios (or, where there is no peer, the median of the figure itself).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A bound on the median ratio to ``peer``, or on minitf's own figure when there is none."""

    peer: str | None
    bound: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        """Tell whether ``value`` is on the right side of the bound."""
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        sign = ">=" if self.at_least else "<="
        peer = f" x {TITLES[self.peer]}" if self.peer else ""
        return f"{sign} {self.bound:.3g}{peer}"


@dataclass(frozen=True)
class Group:
    """One table: its title, the unit of its figures, the target, and the rows that it holds for.

    No rows: for all.
    """

    title: str
    unit: str
    target: Target | None = None
    rows: tuple[str, ...] = ()

    def target_of(self, row: str) -> Target | None:
        """Return the target of a row."""
        return self.target if not self.rows or row in self.rows else None


TITLES = {"minitf": "minitf", "numpy": "NumPy", "tensorflow": "TensorFlow", "pytorch": "PyTorch"}

TRAINING = ("logreg", "mlp", "dqn", "gan")

# The models of `models/`, as Keras programs; the first six are to be as fast as Keras' `fit`.
COURSE_FAST = tuple(f"course-{name}" for name in ("logreg", "mlp", "lstm", "w2v", "dqn", "gan"))
COURSE_NAMES = (
    *COURSE_FAST,
    *(f"course-{name}" for name in ("cnn", "resnet", "bert", "gpt", "vit", "s2s")),
)

GROUPS = {
    "step": Group("Training step, steady state", "ms", Target("tensorflow", 1.0)),
    "first": Group("First training step: trace and run", "s", Target("tensorflow", 0.2)),
    "early": Group("First steps (mlp, gan: 300; logreg, dqn: 2000): trace, compile, run", "s"),
    "cold": Group("The same where minitf's caches of compiled kernels are empty", "s"),
    "memory": Group("Peak resident memory of a training", "MiB", Target("tensorflow", 0.5)),
    "course": Group("Course models: the training step as a traced function", "ms"),
    "fit": Group("Course models: a step of `fit`", "ms", Target("tensorflow", 1.0), COURSE_FAST),
    "fit_cost": Group("Course models: `fit` beyond its graph, per step", "us", Target(None, 100)),
    "course_first": Group("Course models: the first step of `fit`: trace and run", "s"),
    "course_memory": Group("Course models: peak resident memory", "MiB"),
    "token": Group("A token of the GPT, with a cache", "ms", Target("tensorflow", 1.0)),
    # Under 0.3 s on a machine where NumPy takes 0.13 s.
    "import": Group("Import in a fresh process", "s", Target("numpy", 0.3 / 0.13)),
    "eager": Group("One eager operation", "us", Target("tensorflow", 0.5)),
    "tape": Group("One eager operation under a tape", "us", Target("tensorflow", 0.5)),
    "graph": Group("One link of a chain inside a traced function", "us"),
    "overlap": Group("Two independent matmul chains, one BLAS thread each", "ms"),
    "speedup": Group("Speed-up of two workers over one", "x", Target(None, 1.7, at_least=True)),
}

# The forms in which a framework can run the same step. The fastest one represents it.
FORMS = {
    "minitf": ("optimizer", "assign"),
    "tensorflow": ("optimizer", "assign"),
    "pytorch": ("fused", "default"),
}

# Beyond the public tf.function + optimizer; shown by --all-forms, never the basis of a target.
EXTRA_FORMS = {"tensorflow": ("raw", "xla")}
