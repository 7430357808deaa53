"""What holds for every test."""

import os

from hypothesis import settings

# A test never fails for being slow: time is measured in benchmarks/.
settings.register_profile("minitf", deadline=None)
settings.load_profile("minitf")

# These run in a process of their own, in which numba simulates a GPU; test_cuda.py starts it.
collect_ignore = [] if os.environ.get("NUMBA_ENABLE_CUDASIM") == "1" else ["cuda_cases.py"]
