"""How many threads: between operations, and inside one.

*Inter-op* threads run different operations at the same time. *Intra-op* threads share the work of
one operation; for matrix products they are the threads of NumPy's BLAS. Together they should not
exceed the cores: two operations that each use two threads on two cores get in each other's way.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from minitf.errors import InvalidArgumentError
from minitf.kernels.threads import Limit

if TYPE_CHECKING:
    from minitf.runtime.plan import Plan


class ThreadingConfig:
    """The settings of this process.

    Attributes
    ----------
    inter_op : int
        Operations that one device may run at the same time; 1 means one after the other.
    intra_op : int
        Threads of one operation; 0 leaves NumPy's choice, which is all cores.
    """

    def __init__(self) -> None:
        self.inter_op = 1
        self.intra_op = 0
        self._limits: Any = None

    def workers_per_device(self, plan: Plan) -> int:
        """Return how many threads each device of a plan gets."""
        return max(1, self.inter_op // len(plan.devices))

    def set_inter_op_parallelism_threads(self, num_threads: int) -> None:
        """Let a device run this many operations at the same time; 0 means as many as cores."""
        self.inter_op = _count(num_threads) or os.cpu_count() or 1

    def get_inter_op_parallelism_threads(self) -> int:
        """Return how many operations a device runs at the same time."""
        return self.inter_op

    def set_intra_op_parallelism_threads(self, num_threads: int) -> None:
        """Let one operation use this many threads; 0 means as many as cores."""
        from threadpoolctl import threadpool_limits

        self.intra_op = Limit.threads = _count(num_threads)
        self._limits = threadpool_limits(limits=self.intra_op or os.cpu_count(), user_api="blas")

    def get_intra_op_parallelism_threads(self) -> int:
        """Return how many threads one operation may use; 0 means as many as cores."""
        return self.intra_op


def _count(number: int) -> int:
    if not isinstance(number, int) or number < 0:
        raise InvalidArgumentError(f"a number of threads is a whole number >= 0, got {number!r}")
    return number


threading_config = ThreadingConfig()
