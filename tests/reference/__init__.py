"""Reference values computed once by TensorFlow, and the cases they belong to."""
