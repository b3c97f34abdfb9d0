"""The suite's shared fixtures: the cast lives in `tests/cast.py`."""

pytest_plugins = ["tests.cast", "tests.servers"]
