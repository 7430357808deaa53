"""Values that real Keras computed once, and what is needed to compute them again."""
