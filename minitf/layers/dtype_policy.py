"""Dtype policies: in which type a layer computes, and in which it keeps its Variables."""

from __future__ import annotations

from typing import Any

from minitf.dtypes import as_dtype
from minitf.errors import InvalidArgumentError, UsageError
from minitf.settings import epsilon, floatx, set_epsilon, set_floatx


class DTypePolicy:
    """A dtype for computing and one for Variables.

    Parameters
    ----------
    name : str
        A dtype for both, such as ``"float32"``, or ``"mixed_float16"``: compute in float16, keep
        Variables in float32, so that small updates are not lost.

    Raises
    ------
    InvalidArgumentError
        For an unknown name.

    Examples
    --------
    >>> from minitf import keras
    >>> policy = keras.dtype_policies.DTypePolicy("mixed_float16")
    >>> policy.compute_dtype, policy.variable_dtype
    ('float16', 'float32')
    """

    def __init__(self, name: str):
        if not isinstance(name, str):
            raise UsageError(f"DTypePolicy: a name is a string, got {name!r}")
        self.name = name
        if name == "mixed_float16":
            self.compute_dtype, self.variable_dtype = "float16", "float32"
            return
        if name == "mixed_bfloat16":
            raise InvalidArgumentError("DTypePolicy: NumPy has no bfloat16; use 'mixed_float16'")
        try:
            self.compute_dtype = self.variable_dtype = as_dtype(name).name
        except TypeError as error:
            raise InvalidArgumentError(f"DTypePolicy: unknown name {name!r}") from error

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal policy."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        """Return the policy that a config describes."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


__all__ = ["DTypePolicy", "Policy", "dtype_policy", "epsilon", "floatx", "get_policy",
           "set_dtype_policy", "set_epsilon", "set_floatx"]  # fmt: skip

Policy = DTypePolicy
_settings: dict[str, DTypePolicy | None] = {"policy": None}


def dtype_policy() -> DTypePolicy:
    """Return the policy of layers that are given none."""
    return _settings["policy"] or DTypePolicy(floatx())


def set_dtype_policy(policy: Any) -> None:
    """Set the policy of layers that are given none."""
    _settings["policy"] = get_policy(policy)


def get_policy(identifier: Any) -> DTypePolicy:
    """Return the policy meant by None (the default), a dtype, a name, a config, or itself."""
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return DTypePolicy(**identifier["config"])
    if isinstance(identifier, str):
        return DTypePolicy(identifier)
    return DTypePolicy(as_dtype(identifier).name)
