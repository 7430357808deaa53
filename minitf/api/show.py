"""`tf.show`: graphs as text and drawings (minitf's own; TensorFlow has TensorBoard)."""

from minitf.graph.show import dot, draw, save_svg, text
from minitf.runtime.stages import stages
from minitf.runtime.viewer import to_json, viewer

__all__ = [
    "dot",
    "draw",
    "save_svg",
    "stages",
    "text",
    "to_json",
    "viewer",
]
