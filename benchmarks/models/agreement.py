"""Train the course models with several seeds under minitf and under Keras, and compare.

    python benchmarks/models/agreement.py --peers PYTHON --seeds 3 --data FOLDER

The interpreter that runs this has minitf, PYTHON has TensorFlow and Keras. Both draw their own
initial weights and orders, so single runs differ; the means over seeds must not, beyond what the
spread between seeds explains. The runs are shortened: it is the same program that is compared.
Each run is kept in ``agreement.json`` as it ends, and not repeated; the table goes to
``AGREEMENT.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RUNS, TABLE = HERE / "agreement.json", HERE / "AGREEMENT.md"
FRAMEWORKS = ("minitf", "Keras")

LOSS = "loss"  # of the last epoch, on the training data

# The options of the shortened runs, and the figure that is compared.
PROGRAMS = {
    "logistic_regression": ("--epochs 3 --samples 20000", "test_accuracy"),
    "mlp": ("--epochs 3 --samples 10000", "test_accuracy"),
    "cnn": ("--epochs 2 --samples 5000", "test_accuracy"),
    "resnet": ("--steps 150 --samples 2000", "test_accuracy"),
    "vit": ("--epochs 4 --samples 5000 --width 64", "test_accuracy"),
    "word2vec": ("--quick", LOSS),
    "bert": ("--quick --steps 200", "masked_accuracy"),
    "lstm_text": ("--quick", "validation_nats"),
    "gpt": ("--quick --steps 300", "validation_nats"),
    "translator": ("--quick", LOSS),
    "dqn": ("--quick", "mean_return"),
    "gan": ("--quick", "mean_confidence"),
}
HEAD = """# Course models under minitf and under Keras

Written by `python benchmarks/models/agreement.py --peers PYTHON --seeds N`. Runs are shortened (the
options are in the table), so figures say nothing about how good a model gets; `RESULTS.md` does.
Given are mean and standard deviation over the seeds, and the difference of the means in units of
its standard error: within about 3, chance explains it, where there are this few seeds.

| model | options | figure | seeds | minitf | Keras | difference |
|---|---|---|---|---|---|---|
"""


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="The course models under minitf and Keras.")
    peers = os.environ.get("MINITF_PEERS")
    parser.add_argument("--peers", metavar="PYTHON", default=peers, required=not peers)
    parser.add_argument("--seeds", type=int, default=3, metavar="N")
    parser.add_argument("--only", nargs="+", choices=PROGRAMS, default=list(PROGRAMS))
    parser.add_argument("--data", type=Path, help="folder of the data sets, as MINITF_DATA")
    return parser.parse_args()


def train(name: str, framework: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Run a program once; return its report."""
    program = HERE / f"{name}.py"
    if framework == "minitf":
        command = [sys.executable, str(program)]
    else:
        under = [str(HERE / "under_keras.py"), "--peers", options.peers]
        command = [sys.executable, *under, program.name]
    given = PROGRAMS[name][0].split() + ["--seed", str(seed)]
    given += ["--data", str(options.data.resolve())] if options.data else []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report.json"
        settings = os.environ | {"PYTHONPATH": str(HERE.parent.parent)}
        subprocess.run([*command, *given, "--out", str(out)], env=settings, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        report: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return report


def value(report: dict[str, Any], figure: str) -> float:
    """Return a figure of a run."""
    return float(report["losses"][-1] if figure == LOSS else report["results"][figure])


def line(name: str, runs: dict[str, Any]) -> str | None:
    """Return the line of the table for a program; None before both frameworks have two runs."""
    options, figure = PROGRAMS[name]
    found = {f: [value(r, figure) for k, r in runs.items() if k.startswith(f"{name} {f} ")]
             for f in FRAMEWORKS}  # fmt: skip
    if min(map(len, found.values())) < 2:
        return None
    means = [statistics.mean(values) for values in found.values()]
    error = sum(statistics.variance(values) / len(values) for values in found.values()) ** 0.5
    shown = [f"{m:.4g} ({statistics.stdev(v):.2g})" for m, v in zip(means, found.values())]
    difference = f"{(means[0] - means[1]) / error:+.1f}" if error else "none"
    count = " + ".join(str(len(values)) for values in found.values())
    cells = [name, f"`{options}`", figure, count, *shown, difference]
    return f"| {' | '.join(cells)} |\n"


def main() -> None:
    """Run what has not run yet, and write the table."""
    options = parse()
    runs = json.loads(RUNS.read_text(encoding="utf-8")) if RUNS.exists() else {}
    for seed in range(1, options.seeds + 1):
        for name in options.only:
            for framework in FRAMEWORKS:
                key = f"{name} {framework} {seed}"
                if key in runs:
                    continue
                runs[key] = train(name, framework, seed, options)
                print(key, runs[key]["results"], runs[key]["minutes"], "minutes", flush=True)
                RUNS.write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")
    lines = (line(name, runs) for name in PROGRAMS)
    TABLE.write_text(HEAD + "".join(text for text in lines if text), encoding="utf-8")


if __name__ == "__main__":
    main()
