"""`tf.autodiff`: derivatives of functions, forward mode, and their check."""

from minitf.autodiff.check import check_gradients, compute_gradient
from minitf.autodiff.forward import ForwardAccumulator
from minitf.autodiff.functional import hessian, hvp, jvp, vjp
from minitf.autodiff.tape import GradientTape

__all__ = [
    "ForwardAccumulator",
    "GradientTape",
    "check_gradients",
    "compute_gradient",
    "hessian",
    "hvp",
    "jvp",
    "vjp",
]
