"""Event files: what TensorBoard reads, written from scratch.

From the bytes up: `wire` (how protocol buffers write fields), `messages` (which fields there are),
`records` (framing with checksums), `event_file` (the file), `graph_def` (a Graph in TensorFlow's
words), `png` (images); `summary` and `tracing` are the functions of `tf.summary`.
"""
