"""Draw the pictures of README and architecture.md; run it again when the engine changes.

python docs/pictures/draw.py
"""

from __future__ import annotations

from pathlib import Path

import minitf as tf

HERE = Path(__file__).parent


def one_step() -> dict[str, tf.Graph]:
    """Return the graph of one training step of logistic regression, after each pass."""
    graph = tf.Graph("logistic regression")
    with graph.as_default():
        x = tf.placeholder(tf.float32, [32, 64], name="x")
        y = tf.placeholder(tf.int32, [32], name="y")
        w = tf.Variable(tf.constant(0.0, shape=[64, 10]), name="w")
        b = tf.Variable(tf.constant(0.0, shape=[10]), name="b")
        logits = tf.matmul(x, w) + b
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
        loss = tf.reduce_sum(losses) / 32.0
        dw, db = tf.gradients(loss, [w, b])
        steps = [w.assign_sub(0.5 * dw).op, b.assign_sub(0.5 * db).op]
    return tf.show.stages(graph, [loss, *steps], feeds=[x, y])


def main() -> None:
    """Write the graph as it was traced, and as the passes leave it."""
    graphs = one_step()
    tf.show.save_svg(graphs["order"], HERE / "graph.svg")
    tf.show.save_svg(graphs["fuse"], HERE / "graph_fused.svg")


if __name__ == "__main__":
    main()
