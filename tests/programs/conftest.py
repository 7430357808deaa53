"""The programs import TensorFlow: pytest is not to import them as they are."""

collect_ignore_glob = ["*.py"]
