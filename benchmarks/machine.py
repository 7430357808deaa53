"""The machine a report was made on, and whether it was quiet meanwhile."""

from __future__ import annotations

import math
import os
import platform
import resource
import time
from pathlib import Path
from types import ModuleType

BUSY_LOAD = 0.25  # load average per core above which a run begins with a warning
BUSY_CORES = 0.15  # cores kept busy by others during a measurement, above which it is reported


def cores() -> int:
    """Cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def thread_settings(count: int) -> dict[str, str]:
    """Environment variables that give every framework and BLAS the same number of threads."""
    names = ("OMP", "OPENBLAS", "MKL", "NUMBA")
    settings = {f"{name}_NUM_THREADS": str(count) for name in names}
    return settings | {"TF_NUM_INTRAOP_THREADS": str(count), "TF_NUM_INTEROP_THREADS": str(count)}


def processor() -> str:
    """Return the processor's name, as far as the system tells."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text().splitlines() if listing.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def load() -> float:
    """Load average of the last minute."""
    return os.getloadavg()[0]


def warnings(at_start: float, foreign: list[float]) -> list[str]:
    """Tell what a reader has to know before believing the figures."""
    found = []
    if at_start > BUSY_LOAD * cores():
        found.append(f"the machine was busy before the run (load average {at_start:.2f})")
    crowded = sum(value > BUSY_CORES for value in foreign)
    if crowded:
        found.append(
            f"others used up to {max(foreign):.2f} cores meanwhile "
            f"({crowded} of {len(foreign)} measurements above {BUSY_CORES})"
        )
    return found


def busy_seconds() -> float:
    """Seconds all cores together have been busy or withheld; NaN where the system does not tell."""
    counters = Path("/proc/stat")
    if not counters.exists():
        return math.nan
    ticks = [int(field) for field in counters.read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _idle, _waiting, irq, softirq, steal = ticks
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def child_seconds() -> float:
    """Processor seconds of the children this process has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Neighbours:
    """Counts, while the block runs, the cores that processes other than our children keep busy."""

    cores = math.nan

    def __enter__(self) -> Neighbours:
        self.wall, self.foreign = time.perf_counter(), busy_seconds() - child_seconds()
        return self

    def __exit__(self, *_: object) -> None:
        foreign = busy_seconds() - child_seconds() - self.foreign
        self.cores = foreign / (time.perf_counter() - self.wall)


def versions(module: ModuleType) -> dict[str, str]:
    """Versions of a framework, of what it computes with, and of Python."""
    import numpy

    found = {"python": platform.python_version(), "numpy": numpy.__version__}
    found[module.__name__] = getattr(module, "__version__", "unknown")
    return found | {"blas": blas(module, numpy)}


def blas(module: ModuleType, numpy: ModuleType) -> str:
    """Name the library behind a framework's matrix products."""
    if module.__name__ == "torch":
        return "MKL" if module.backends.mkl.is_available() else "OpenBLAS or Eigen"
    if module.__name__ == "tensorflow":
        return "Eigen and oneDNN, built in"
    found = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"{found['name']} {found['version']}"
