"""What the workers reported, and the two questions asked of it: is it fast, and is it the same."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

TOLERANCE = 1e-3  # largest relative difference of losses for steps that count as the same work


class DifferentWork(SystemExit):
    """Two frameworks did not train the same network on the same numbers."""


@dataclass(frozen=True)
class Record:
    """One worker's report: one framework, workload and form in one round."""

    round: int
    framework: str
    workload: str
    form: str
    figures: dict[str, dict[str, float]]
    losses: list[float] = field(default_factory=list)


@dataclass
class Records:
    """All reports of a run, in the order in which they were made."""

    all: list[Record] = field(default_factory=list)

    def frameworks(self, group: str) -> list[str]:
        """Frameworks with a figure in this group, in order of appearance."""
        return list(dict.fromkeys(r.framework for r in self.all if group in r.figures))

    def names(self, group: str) -> list[str]:
        """Rows of a group's table, in order of appearance."""
        return list(dict.fromkeys(name for r in self.all for name in r.figures.get(group, {})))

    def forms(self, framework: str, name: str) -> list[str]:
        """Forms in which the framework ran this training step."""
        return list(dict.fromkeys(r.form for r in self.trained(framework, name)))

    def trained(self, framework: str, name: str) -> list[Record]:
        """Return the reports of one framework's training on one workload."""
        return [r for r in self.all if (r.framework, r.workload) == (framework, name) and r.losses]

    def series(self, framework: str, group: str, name: str, form: str) -> dict[int, float]:
        """Return the figure of one form in each round."""
        return {
            r.round: r.figures[group][name]
            for r in self.all
            if (r.framework, r.form) == (framework, form) and name in r.figures.get(group, {})
        }

    def best_form(self, framework: str, name: str, among: tuple[str, ...]) -> str:
        """Return the form with the fastest median step; for figures that are no training, ''."""
        steps = {form: self.series(framework, "step", name, form).values() for form in among}
        speeds = {form: statistics.median(values) for form, values in steps.items() if values}
        return min(speeds, key=speeds.__getitem__, default="")


def ratios(ours: dict[int, float], theirs: dict[int, float]) -> list[float]:
    """Ours over theirs in every round that has both, and where noise has left theirs above zero."""
    return [ours[i] / theirs[i] for i in sorted(ours.keys() & theirs.keys()) if theirs[i] > 0]


def distance(losses: list[float], reference: list[float]) -> float:
    """Largest relative difference between two runs of losses; NaN counts as infinitely far."""
    steps = zip(losses, reference, strict=True)
    far = max(abs(a - b) / max(abs(b), 1e-12) for a, b in steps)
    return far if all(a == a for a in losses) else float("inf")


def must_be_same_work(record: Record, earlier: list[Record]) -> None:
    """Raise unless the losses follow those of the first report on the same workload.

    Raises
    ------
    DifferentWork
        If any of the first steps' losses differs by more than ``TOLERANCE``, relatively.
    """
    references = [r for r in earlier if r.workload == record.workload and r.losses]
    if not record.losses or not references:
        return
    far = distance(record.losses, references[0].losses)
    if not far <= TOLERANCE:
        raise DifferentWork(difference(record, references[0], far))


def difference(record: Record, reference: Record, far: float) -> str:
    """Message that shows where two frameworks went different ways."""
    lines = [f"{record.workload}: not the same work, losses differ by {far:.1e} (> {TOLERANCE:g})"]
    for r in (reference, record):
        shown = " ".join(f"{loss:.6f}" for loss in r.losses)
        lines.append(f"  {r.framework} ({r.form}): {shown}")
    return "\n".join(lines)
