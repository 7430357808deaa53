"""`tf.show`: graphs as text and drawings (minitf's own; TensorFlow has TensorBoard)."""

from minitf.graph.show import dot, draw, save_svg, text

__all__ = [
    "dot",
    "draw",
    "save_svg",
    "text",
]
