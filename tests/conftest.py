"""What holds for every test."""

from hypothesis import settings

# A test never fails for being slow: time is measured in benchmarks/.
settings.register_profile("minitf", deadline=None)
settings.load_profile("minitf")
