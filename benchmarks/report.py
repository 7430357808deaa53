"""The tables: Markdown that reads as well in a terminal as on a page."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Sequence

from records import TOLERANCE, Records, distance, ratios
from targets import FORMS, GROUPS, TITLES, TRAINING, Group

OURS = "minitf"


def number(value: float) -> str:
    """About three significant digits, and no exponent unless the value is tiny."""
    if 0 < abs(value) < 0.1:
        return f"{value:.2g}"
    decimals = sum(value < limit for limit in (1, 10, 100))
    return f"{value:.{decimals}f}"


def middle(values: Collection[float]) -> str:
    """Median, or '-' of nothing."""
    return number(statistics.median(values)) if values else "-"


def spread(values: Sequence[float]) -> str:
    """Median and range: ``0.85 (0.80-0.91)``; of a single value, the value."""
    if not values:
        return "-"
    middle, low, high = map(number, (statistics.median(values), min(values), max(values)))
    return f"{middle} ({low}-{high})" if len(values) > 1 else middle


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Draw a Markdown table with aligned columns; all but the first align right."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = [header, rule, *rows]
    return "\n".join(line(cells, widths) for cells in lines)


def line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """One line of a table, padded."""
    first, *rest = (c.rjust(w) for c, w in zip(cells, widths, strict=True))
    return "| " + " | ".join([first.strip().ljust(widths[0]), *rest]) + " |"


def representative(records: Records, framework: str, name: str) -> str:
    """Return the form that stands for a framework in a row; '' for figures that are no training."""
    return records.best_form(framework, name, FORMS.get(framework, ()))


def figure(records: Records, framework: str, group: str, name: str) -> dict[int, float]:
    """Return a framework's figure in each round, in its fastest form."""
    return records.series(framework, group, name, representative(records, framework, name))


def verdict(group: Group, records: Records, key: str, name: str) -> str:
    """Whether the row's target is met; '-' if nothing can be said."""
    target, ours = group.target_of(name), figure(records, OURS, key, name)
    values = list(ours.values())
    if target and target.peer:
        values = ratios(ours, figure(records, target.peer, key, name))
    if not target or not values:
        return "-"
    return "met" if target.met(statistics.median(values)) else "NOT MET"


def group_row(key: str, name: str, records: Records, peers: Sequence[str]) -> list[str]:
    """One row: figures, ratios to every peer with their range, target, verdict."""
    series = {framework: figure(records, framework, key, name) for framework in (OURS, *peers)}
    shown = [middle(s.values()) for s in series.values()]
    compared = [spread(ratios(series[OURS], series[peer])) for peer in peers]
    own = [] if peers else [spread(list(series[OURS].values()))]
    group = GROUPS[key]
    goal = str(group.target_of(name) or "-")
    return [name, *shown, *compared, *own, goal, verdict(group, records, key, name)]


def group_table(key: str, records: Records) -> str:
    """Draw the table of one group, with its title."""
    peers = [framework for framework in records.frameworks(key) if framework != OURS]
    ratio_titles = [f"/ {TITLES[peer]}" for peer in peers] or ["median (range)"]
    header = ["", OURS, *(TITLES[peer] for peer in peers), *ratio_titles, "target", "verdict"]
    rows = [group_row(key, name, records, peers) for name in records.names(key)]
    return f"## {GROUPS[key].title} ({GROUPS[key].unit})\n\n{table(header, rows)}\n"


def form_rows(records: Records) -> list[list[str]]:
    """Every form of every framework in every training workload."""
    rows = []
    for name in (n for n in TRAINING if n in records.names("step")):
        for framework in records.frameworks("step"):
            best = representative(records, framework, name)
            for form in records.forms(framework, name):
                mark = "*" if form == best else ""
                medians = [form_median(records, framework, key, name, form) for key in MEDIANS]
                far = farthest(records, framework, name, form)
                rows.append([f"{name} {TITLES[framework]} {form}{mark}", *medians, f"{far:.0e}"])
    return rows


MEDIANS = ("step", "first", "early", "cold", "memory")


def form_median(records: Records, framework: str, group: str, name: str, form: str) -> str:
    """Median over the rounds of one form's figure."""
    return middle(records.series(framework, group, name, form).values())


def farthest(records: Records, framework: str, name: str, form: str) -> float:
    """Largest relative distance of this form's losses from the first report's."""
    reference = next(r for r in records.all if r.workload == name and r.losses)
    reports = [r for r in records.trained(framework, name) if r.form == form]
    return max(distance(r.losses, reference.losses) for r in reports)


def form_table(records: Records) -> str:
    """All forms, and the proof that they did the same work."""
    if not records.names("step"):
        return ""
    header = ["", "step, ms", "first, s", "early, s", "cold, s", "peak, MiB", "loss diff."]
    text = (
        "The form marked * had the fastest median step and stands for its framework above.\n"
        "Early and cold: the first steps, 300 of mlp and gan, 2000 of logreg and dqn, with\n"
        "minitf's caches warm and empty. Loss diff.: the largest relative difference of the\n"
        f"first losses from those of the first run; above {TOLERANCE:g} the harness stops."
    )
    return f"## All forms\n\n{text}\n\n{table(header, form_rows(records))}\n"


def tables(records: Records) -> str:
    """Every table that has figures."""
    groups = [group_table(key, records) for key in GROUPS if records.names(key)]
    return "\n".join(filter(None, [*groups, form_table(records)]))


def summary(records: Records) -> str:
    """How many targets are met, and the names of those that are not."""
    judged = {
        f"{GROUPS[key].title.lower()}: {name}": verdict(GROUPS[key], records, key, name)
        for key in GROUPS
        for name in records.names(key)
    }
    judged = {name: word for name, word in judged.items() if word != "-"}
    missed = [name for name, word in judged.items() if word != "met"]
    text = f"{len(judged) - len(missed)} of {len(judged)} targets met."
    return text + "".join(f"\n- not met: {name}" for name in missed) + "\n"
