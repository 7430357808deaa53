"""`tf.show`: graphs as text and drawings (minitf's own; TensorFlow has TensorBoard)."""

from minitf.graph.show import dot, draw, save_svg, text
from minitf.runtime.stages import stages

__all__ = [
    "dot",
    "draw",
    "save_svg",
    "stages",
    "text",
]
