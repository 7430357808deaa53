"""The cases, one file for each family: data alone, without an import of Keras or minitf."""
