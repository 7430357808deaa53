"""Programs as tutorials, books and course notebooks write them, for TensorFlow and Keras.

Each ends in ``RESULT = {...}``: what must come out whatever random numbers were drawn.
`tests/test_programs.py` runs them with minitf in their import lines.
"""
