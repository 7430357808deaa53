"""Write RESULTS.md: what the course models have reached, from the reports in results/.

A report is what a program writes with ``--out benchmarks/models/results/NAME.SEED.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
HEAD = """# What the course models reach

Written by `python benchmarks/models/table.py` from the reports in `results/`. To add or change one:
`python benchmarks/models/NAME.py --data DIR --seed N --out benchmarks/models/results/NAME.N.json`,
with the sizes of the table as options where they are not what NAME.py --help gives.
Minutes are those of one run on two cores, with other work beside it; they are upper bounds, not
measurements of speed (see `../COURSE.md` for those).

| model | framework | seed | sizes | reached | minutes |
|---|---|---|---|---|---|
"""


def row(path: Path) -> str:
    """Return the line of the table for one report."""
    report = json.loads(path.read_text(encoding="utf-8"))
    reached = ", ".join(f"{k} {shown(v)}" for k, v in report["results"].items() if is_short(v))
    options = report["options"]
    sizes = ", ".join(f"{k} {v}" for k, v in options.items() if k not in ("seed", "quick"))
    cells = [path.name.split(".")[0], report["framework"], options["seed"], sizes, reached]
    return f"| {' | '.join(map(str, cells))} | {report['minutes']} |\n"


def is_short(value: Any) -> bool:
    """Return whether a result fits into a table: texts and lists stay in the report."""
    return isinstance(value, (int, float))


def shown(value: float) -> str:
    """Return a number with as many digits as mean something."""
    return f"{value:.4g}"


def main() -> None:
    """Write the table."""
    rows = map(row, sorted((HERE / "results").glob("*.json")))
    (HERE / "RESULTS.md").write_text(HEAD + "".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
