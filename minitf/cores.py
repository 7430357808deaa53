"""What the machine gives this process: how many cores, and whether it has threads at all."""

from __future__ import annotations

import os
import sys

HAS_THREADS = sys.platform != "emscripten"  # Python in a browser has none


def available_cores() -> int:
    """Return how many cores this process may use."""
    if not HAS_THREADS:
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
