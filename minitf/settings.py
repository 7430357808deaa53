"""What a program may set once for all of Keras: element type, small number, place of channels."""

from __future__ import annotations

from typing import Any

from minitf.errors import InvalidArgumentError

_settings: dict[str, Any] = {
    "floatx": "float32",
    "epsilon": 1e-7,
    "image_data_format": "channels_last",
    "interactive_logging": True,
}


def floatx() -> str:
    """Return the default dtype of layers, losses and metrics, such as ``"float32"``."""
    return str(_settings["floatx"])


def set_floatx(value: str) -> None:
    """Set the default dtype of layers, losses and metrics: "float16", "float32" or "float64"."""
    if value not in ("float16", "float32", "float64"):
        raise InvalidArgumentError(f"set_floatx: float16, float32 or float64, got {value!r}")
    _settings["floatx"] = value


def epsilon() -> float:
    """Return the small number that keeps logarithms and divisions finite."""
    return float(_settings["epsilon"])


def set_epsilon(value: float) -> None:
    """Set the small number that keeps logarithms and divisions finite."""
    _settings["epsilon"] = float(value)


def image_data_format() -> str:
    """Return where channels stand in layers that are not told: last, unless set otherwise."""
    return str(_settings["image_data_format"])


def set_image_data_format(data_format: str) -> None:
    """Set where channels stand: "channels_last" or "channels_first"."""
    if data_format not in ("channels_last", "channels_first"):
        raise InvalidArgumentError(
            f"set_image_data_format: channels_last or channels_first, got {data_format!r}"
        )
    _settings["image_data_format"] = data_format


def is_interactive_logging_enabled() -> bool:
    """Return whether training shows a bar where a program does not say: `verbose="auto"`."""
    return bool(_settings["interactive_logging"])


def enable_interactive_logging() -> None:
    """Let `verbose="auto"` be a bar, as it is at first."""
    _settings["interactive_logging"] = True


def disable_interactive_logging() -> None:
    """Let `verbose="auto"` be one line per epoch, which suits log files."""
    _settings["interactive_logging"] = False
