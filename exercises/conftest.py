"""``pytest exercises/`` grades what you wrote; see ``--solutions``, ``--hints``, ``-m unit02``."""


def pytest_addoption(pluginmanager):
    # The plugin is loaded here, and not by its name in `pytest_plugins`, so that pytest may also
    # meet this folder on its way through all others.
    pluginmanager.import_plugin("minitf.course.grading")
