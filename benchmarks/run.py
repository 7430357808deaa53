"""Measure minitf beside TensorFlow and PyTorch: ``python benchmarks/run.py --peers PYTHON``.

The interpreter that runs this script runs minitf; another one (``--peers``, or the environment
variable ``MINITF_PEERS``) has TensorFlow and PyTorch. Every measurement is a fresh process, never
two at a time. A round measures everything once, the frameworks next to each other on each
workload, and ratios are formed within rounds: what the machine does to one framework it most
likely does to its neighbour.

This process imports neither NumPy nor a framework, because a child begins with the peak memory
of the parent it was forked from.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import machine
import report
from records import Record, Records, must_be_same_work
from targets import COURSE_NAMES, EXTRA_FORMS, FORMS, TITLES, TRAINING
from worker import MODULES

HERE = Path(__file__).resolve().parent
WORKLOADS = {
    **dict.fromkeys(TRAINING, ("minitf", "tensorflow", "pytorch")),
    **dict.fromkeys(COURSE_NAMES, ("minitf", "tensorflow", "pytorch")),
    "eager": ("minitf", "tensorflow", "pytorch"),
    "graph": ("minitf", "tensorflow"),
    "import": ("minitf", "numpy", "tensorflow", "pytorch"),
    "overlap": ("minitf",),
}
PARTS = {
    "engine": [name for name in WORKLOADS if name not in COURSE_NAMES],
    "course": list(COURSE_NAMES),
}
REPORTS = {"engine": "RESULTS.md", "course": "COURSE.md"}
LIMIT = 600  # seconds after which a worker is given up


class Job(NamedTuple):
    """One measurement to be made."""

    framework: str
    workload: str
    form: str = ""
    cold: bool = False

    def __str__(self) -> str:
        form = f" ({self.form})" if self.form else ""
        return f"{self.workload}: {TITLES[self.framework]}{form}{', cold' * self.cold}"


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    """Read and check the command line."""
    parser = argparse.ArgumentParser(description="minitf beside TensorFlow and PyTorch, in ratios")
    peers = os.environ.get("MINITF_PEERS")
    parser.add_argument("--peers", metavar="PYTHON", default=peers, help="has TensorFlow, PyTorch")
    parser.add_argument("--part", choices=PARTS, help="the engine, or the twelve course models")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=WORKLOADS, default=[])
    parser.add_argument("--rounds", type=int, metavar="N", help="default 5, with --quick 1")
    parser.add_argument("--quick", action="store_true", help="short blocks: a smoke test")
    parser.add_argument("--all-forms", action="store_true", help="also TensorFlow's raw and XLA")
    parser.add_argument("--write", action="store_true", help="write the report of a part")
    options = parser.parse_args(argv)
    options.rounds = options.rounds or (1 if options.quick else 5)
    whole = options.part and options.peers and not (options.quick or options.only)
    if options.write and not whole:
        parser.error("--write needs --part and --peers, without --quick and --only")
    options.only = options.only or PARTS.get(options.part, [])
    return options


def has_module(python: str, module: str) -> bool:
    """Tell whether the interpreter can find the module."""
    code = f"import importlib.util, sys; sys.exit(not importlib.util.find_spec({module!r}))"
    return subprocess.run([python, "-c", code], env=environment("", 1), check=False).returncode == 0


def interpreters(peers: str | None) -> dict[str, str]:
    """Which interpreter runs which framework; peers that are not installed are left out."""
    found = {"minitf": sys.executable, "numpy": sys.executable}
    if not peers:
        say("no --peers and no MINITF_PEERS: only minitf's own figures, no ratios")
        return found
    for framework in ("tensorflow", "pytorch"):
        if has_module(peers, MODULES[framework]):
            found[framework] = peers
        else:
            say(f"{peers} has no {TITLES[framework]}: left out")
    return found


def environment(workload: str, threads: int) -> dict[str, str]:
    """Make the worker's environment: equal threads, this checkout's minitf, no chatter."""
    count = 1 if workload == "overlap" else threads
    settings = machine.thread_settings(count)
    settings |= {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    return os.environ | settings | {"PYTHONPATH": str(HERE.parent)}


def caches(directory: str) -> dict[str, str]:
    """Make minitf and numba keep what they compile in this directory."""
    return {"MINITF_CACHE": directory, "NUMBA_CACHE_DIR": directory}


def measure(python: str, job: Job, quick: bool) -> dict[str, Any]:
    """Run one worker; return what it reported. Stop everything if it fails."""
    command = [python, str(HERE / "worker.py"), job.framework, job.workload]
    command += ["--form", job.form] if job.form else []
    command += ["--quick"] * quick + ["--cold"] * job.cold
    with tempfile.TemporaryDirectory() as empty:
        settings = environment(job.workload, machine.cores()) | (caches(empty) if job.cold else {})
        done = subprocess.run(
            command, env=settings, capture_output=True, text=True, timeout=LIMIT, check=False
        )
    if done.returncode:
        raise SystemExit(f"{job}: the worker failed\n{done.stderr.strip()}\n{done.stdout.strip()}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def jobs(frameworks: dict[str, str], only: list[str], all_forms: bool) -> Iterator[Job]:
    """One round: for every workload the frameworks, and their forms, next to each other."""
    for workload in only or WORKLOADS:
        for framework in (f for f in WORKLOADS[workload] if f in frameworks):
            extra = EXTRA_FORMS.get(framework, ()) if all_forms else ()
            forms = (*FORMS[framework], *extra) if workload in TRAINING else ("",)
            for form in forms:
                yield Job(framework, workload, form)
                if framework == "minitf" and form:
                    yield Job(framework, workload, form, cold=True)


def say(text: str) -> None:
    """Progress and warnings, apart from the report."""
    print(text, file=sys.stderr, flush=True)


class Run:
    """All rounds of one invocation, and what was noticed while they ran."""

    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.load = machine.load()
        self.records = Records()
        self.foreign: list[float] = []
        self.versions: dict[str, dict[str, str]] = {}
        self.pythons = interpreters(options.peers)

    def rounds(self) -> None:
        """Measure, one process at a time."""
        plan = list(jobs(self.pythons, self.options.only, self.options.all_forms))
        for number in range(1, self.options.rounds + 1):
            for job in plan:
                say(f"round {number}/{self.options.rounds}  {job}")
                self.one(number, job)

    def one(self, number: int, job: Job) -> None:
        """Measure once, and check that it was the same work."""
        with machine.Neighbours() as neighbours:
            result = measure(self.pythons[job.framework], job, self.options.quick)
        self.foreign.append(neighbours.cores)
        self.versions[job.framework] = result["versions"]
        losses = result.get("losses", [])
        record = Record(number, job.framework, job.workload, job.form, result["figures"], losses)
        must_be_same_work(record, self.records.all)
        self.records.all.append(record)

    def warnings(self) -> list[str]:
        """Tell what a reader has to know before believing the figures."""
        short = ["short blocks (--quick): a smoke test, no measurement"]
        return machine.warnings(self.load, self.foreign) + (short if self.options.quick else [])

    def header(self) -> str:
        """Machine, versions, load and warnings, as a list."""
        lines = [
            f"{machine.processor()}, {machine.cores()} cores; load before the run {self.load:.2f}",
            *(f"{TITLES[name]}: {described(found)}" for name, found in self.versions.items()),
            *(f"WARNING: {text}" for text in self.warnings()),
        ]
        return "\n".join(f"- {text}" for text in lines)

    def report(self) -> str:
        """Join the parts of the report."""
        parts = self.header(), "", report.summary(self.records), report.tables(self.records)
        return "\n".join(parts)


def described(versions: dict[str, str]) -> str:
    """Versions in one line: ``tensorflow 2.21.0, numpy 2.4.6, python 3.11.7, BLAS: ...``."""
    *_, own = (name for name in versions if name != "blas")
    rest = [name for name in versions if name not in (own, "blas")]
    listed = ", ".join(f"{name} {versions[name]}" for name in (own, *rest))
    return f"{listed}; BLAS: {versions['blas']}"


def write(text: str, options: argparse.Namespace) -> None:
    """Write the report of a part, with the command that repeats it."""
    forms = " --all-forms" if options.all_forms else ""
    asked = f"--part {options.part} --rounds {options.rounds}{forms}"
    command = f"python benchmarks/run.py --peers PYTHON {asked} --write"
    intro = (
        "# Results\n\n"
        f"Written on {datetime.date.today()} by\n`{command}`,\nwhere PYTHON is an interpreter with "
        "TensorFlow and PyTorch. Do not edit: run the command again. `README.md` says how the\n"
        "figures are taken. Ratios are minitf / peer, median (range) over the rounds: below 1,\n"
        "minitf is faster or smaller. Absolute figures do not carry over to another machine.\n\n"
    )
    report_file = HERE / REPORTS[options.part]
    report_file.write_text(intro + text, encoding="utf-8")
    say(f"wrote benchmarks/{report_file.name}")


def main() -> None:
    """Measure, print, and write if asked to."""
    run = Run(parse())
    for text in run.warnings():
        say(f"warning: {text}")
    try:
        run.rounds()
    finally:  # a run that breaks off still shows what it has measured
        print(run.report(), flush=True)
    if run.options.write:
        write(run.report(), run.options)


if __name__ == "__main__":
    main()
