"""The embedded set-up makes its own keys, once, for its owner's eyes only."""

import base64
import stat

from config import keys
from config.environment import Environment


def test_missing_keys_are_made_for_the_owner_only_and_once(tmp_path):
    folder = tmp_path / "keys"
    made = keys.make_missing(folder)
    assert {path.name for path in made} == set(keys.FILES.values())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}
    before = [path.read_text() for path in made]
    assert keys.make_missing(folder) == []
    assert [path.read_text() for path in made] == before
    assert {path.name for path in folder.iterdir()} == set(keys.FILES.values()), "no half-made file stays"


def test_what_is_made_passes_the_settings(tmp_path):
    keys.make_missing(tmp_path)
    env = Environment({})
    env.secret("SECRET_KEY", keys.kept("SECRET_KEY", tmp_path))
    env.keys("FIELD_KEYS", keys.kept("FIELD_KEYS", tmp_path))
    seed = env.seed("AUDIT_SIGNING_KEY", keys.kept("AUDIT_SIGNING_KEY", tmp_path))
    assert env.problems == []
    assert len(base64.b64decode(seed)) == 32


def test_two_installations_have_different_keys(tmp_path):
    for folder in (tmp_path / "one", tmp_path / "two"):
        keys.make_missing(folder)
    for name in keys.FILES:
        assert keys.kept(name, tmp_path / "one") != keys.kept(name, tmp_path / "two")


def test_a_missing_file_is_no_key(tmp_path):
    assert keys.kept("SECRET_KEY", tmp_path) == ""
