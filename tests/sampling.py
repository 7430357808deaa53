"""Sample calls of every op, for the tests that hold all ops to one contract.

The samples themselves stand in `tests/samples`, a file for each module of ops::

    SAMPLES = {"op_name": [lambda rng: ((args...), {kwargs}), ...]}
"""

import importlib
import importlib.util
import pkgutil
import zlib
from pathlib import Path

import numpy as np
import pytest

import minitf
import minitf.ops
from minitf.graph.device import HOST
from minitf.graph.op import INPUTS, VARIADIC
from minitf.graph.registry import OPS
from minitf.graph.tensor import eager_tensor

for module in pkgutil.iter_modules(minitf.ops.__path__):
    importlib.import_module(f"minitf.ops.{module.name}")


def load_samples():
    found = {}
    for path in sorted((Path(__file__).parent / "samples").glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"samples_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, samples in module.SAMPLES.items():
            found.setdefault(name, []).extend(samples)
    return found


SAMPLES = load_samples()
NAMES = sorted(n for n, d in OPS.items() if d.body.__module__.startswith("minitf."))


class Call:
    """One call of an op: its inputs as arrays, and how to make the call with others."""

    def __init__(self, name, number):
        self.definition = OPS[name]
        rng = np.random.default_rng([zlib.crc32(name.encode()), number])
        args, kwargs = SAMPLES[name][number](rng)
        values, _ = self.definition._bind(list(args), dict(kwargs), None)
        tensors, self.attributes = self.definition._sort(values)
        self.inputs = [np.array(t.array) for t in tensors]
        self.counts = [
            (p, len(v) if p.kind in VARIADIC and isinstance(v, (list, tuple)) else 1)
            for p, v in zip(self.definition.parameters, values, strict=True)
        ]

    def __call__(self, *tensors):
        """Call the op; return its outputs as a list."""
        rest = iter(tensors)
        values = []
        for parameter, count in self.counts:
            if parameter.kind in VARIADIC:
                values.append([next(rest) for _ in range(count)])
            elif parameter.kind in INPUTS:
                values.append(next(rest))
            else:
                values.append(self.attributes[parameter.name])
        outputs = self.definition(*values)
        return outputs if isinstance(outputs, list) else [outputs]

    def run(self, arrays=None):
        """Call the op on arrays (its own inputs by default); return the arrays of its outputs."""
        given = self.inputs if arrays is None else arrays
        return [t.array for t in self(*map(eager_tensor, given))]

    def compute(self, backend, arrays):
        """Return what the kernel of one backend makes of arrays."""
        with np.errstate(all="ignore"):
            found = self.definition.kernels[backend](*arrays, **self.attributes)
        return list(map(np.asarray, found if isinstance(found, tuple) else (found,)))

    @property
    def host_backends(self):
        """The backends whose kernels take NumPy's arrays."""
        return [b for b in self.definition.kernels if b in HOST.backends]

    @property
    def repeatable(self):
        """Whether the same call gives the same values again."""
        return self.definition.ordered or not self.definition.stateful

    @property
    def floating(self):
        """Positions of the floating inputs."""
        return [i for i, a in enumerate(self.inputs) if a.dtype.kind == "f"]

    @property
    def is_differentiated(self):
        """Whether this call has derivatives to speak of."""
        outputs = self.run()
        return (
            self.definition.differentiable
            and any(self.inputs[i].size for i in self.floating)
            and any(a.dtype.kind == "f" and a.size for a in outputs)
        )

    def cast(self, dtype):
        """Return the inputs with the floating ones in another dtype."""
        return [a.astype(dtype) if a.dtype.kind == "f" else a for a in self.inputs]


SAMPLED = [(name, i) for name in NAMES for i in range(len(SAMPLES.get(name, ())))]
each_op = pytest.mark.parametrize("name", NAMES)
each_sample = pytest.mark.parametrize(
    ("name", "number"), SAMPLED, ids=[f"{name}-{i}" for name, i in SAMPLED]
)


def same(got, expected, exactly=False, rtol=1e-12):
    """Assert that two lists of arrays agree in dtype, shape and value."""
    assert len(got) == len(expected)
    for a, b in zip(got, expected, strict=True):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        if exactly or a.dtype.kind not in "fc":
            np.testing.assert_array_equal(a, b)
        else:
            np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol)
