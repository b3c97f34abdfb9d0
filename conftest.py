"""The suite's shared fixtures: the cast lives in `tests/cast.py`."""

pytest_plugins = ["tests.remembering", "tests.cast", "tests.servers"]
