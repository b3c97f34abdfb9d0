"""Every variable is checked, and every fault is a sentence that names the variable and the mend."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment, is_loopback


def asked(question, **variables) -> tuple[object, list[str]]:
    env = Environment(variables)
    return question(env), env.problems


@pytest.mark.parametrize(("text", "meant"), [("1", True), ("true", True), ("ON", True), ("0", False), ("no", False), ("", False)])
def test_a_flag_is_yes_or_no(text, meant):
    assert asked(lambda env: env.flag("DEMO"), DEMO=text) == (meant, [])


def test_a_flag_that_is_neither_is_refused():
    assert asked(lambda env: env.flag("DEMO"), DEMO="perhaps")[1] == ['DEMO is "perhaps", which is neither yes nor no: set it to 1 or 0.']


@pytest.mark.parametrize("text", ["-1", "6", "two", "1.5", "1e3"])
def test_a_number_out_of_bounds_is_refused(text):
    value, problems = asked(lambda env: env.number("TRUSTED_PROXIES", 0, most=5), TRUSTED_PROXIES=text)
    assert value == 0
    assert problems == [f'TRUSTED_PROXIES is "{text}": set it to a whole number from 0 to 5.']


@pytest.mark.parametrize(
    "text", ["grants.example.org", "ftp://grants.example.org", "https://", "https://a.example/path", "https://me@a.example"]
)
def test_an_address_that_people_cannot_type_is_refused(text):
    value, problems = asked(lambda env: env.base_url("BASE_URL", "http://127.0.0.1:8000"), BASE_URL=text)
    assert value == "http://127.0.0.1:8000"
    assert len(problems) == 1
    assert problems[0].startswith(f'BASE_URL is "{text}"')


def test_a_slash_at_the_end_of_an_address_is_let_go():
    assert asked(lambda env: env.base_url("BASE_URL", ""), BASE_URL="https://a.example/") == ("https://a.example", [])


@pytest.mark.parametrize("text", ["grants", "mysql://root@db/grants", "postgres://user@host", "postgres://"])
def test_a_database_that_is_none_of_ours_is_refused(text):
    found, problems = asked(lambda env: env.database("DATABASE_URL", "sqlite:////tmp/x.sqlite3"), DATABASE_URL=text)
    assert found["ENGINE"] == "django.db.backends.sqlite3"
    assert len(problems) == 1
    assert problems[0].startswith("DATABASE_URL ")


def test_a_file_in_a_folder_that_there_is_not_is_refused(tmp_path):
    assert asked(lambda env: env.database("DATABASE_URL", ""), DATABASE_URL=f"sqlite:///{tmp_path}/none/x.sqlite3")[1] == [
        f"DATABASE_URL names a file in {tmp_path}/none, and there is no such folder: make it, or name another."
    ]
    assert asked(lambda env: env.database("DATABASE_URL", ""), DATABASE_URL=f"sqlite:///{tmp_path}/x.sqlite3")[1] == []
    assert asked(lambda env: env.database("DATABASE_URL", ""), DATABASE_URL="sqlite://:memory:")[1] == []


@pytest.mark.parametrize("text", ["smtp://mail:port", "smtp://mail:99999"])
def test_a_port_that_is_none_is_refused(text):
    value, problems = asked(lambda env: env.address("EMAIL_URL", "", schemes={"smtp"}, example="smtp://mail:587"), EMAIL_URL=text)
    assert (value, problems) == ("", ["EMAIL_URL names a port that is none: set it to something like smtp://mail:587."])


def test_a_folder_that_cannot_be_made_stops_everything_at_once(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ImproperlyConfigured, match=r"VAR_DIR is .+, and no folder can be made there"):
        Environment({"VAR_DIR": str(tmp_path / "file")}).folder("VAR_DIR", "")


def test_a_text_of_another_shape_is_refused():
    value, problems = asked(
        lambda env: env.matching("MAIL_DOMAIN", "x.invalid", pattern="[a-z.]+", example="a.example"), MAIL_DOMAIN="no one"
    )
    assert (value, problems) == ("x.invalid", ['MAIL_DOMAIN is "no one": set it to something like a.example.'])


def test_a_database_is_read():
    found, problems = asked(lambda env: env.database("DATABASE_URL", ""), DATABASE_URL="postgres://me:s%2Fecret@db:5433/grants")
    assert problems == []
    assert (found["HOST"], found["PORT"], found["NAME"], found["PASSWORD"]) == ("db", 5433, "grants", "s/ecret")


@pytest.mark.parametrize("text", ["short", "a" * 60, "abcabcabc" * 8])
def test_a_secret_that_can_be_guessed_is_refused(text):
    assert asked(lambda env: env.secret("SECRET_KEY", ""), SECRET_KEY=text)[1] == [
        "SECRET_KEY is too easy to guess: set it to at least 32 random characters."
    ]


def test_a_missing_secret_says_how_to_make_one():
    _, problems = asked(lambda env: env.secret("SECRET_KEY", ""))
    assert "python -m config.keys" in problems[0]


@pytest.mark.parametrize("text", ["nonsense", "dGVzdA==", "dGVzdC1vbmx5LWtleS1uZXZlci1zZXJ2ZWQtMDEyMzQ=,short"])
def test_a_field_key_of_another_shape_is_refused(text):
    assert "is not a Fernet key" in asked(lambda env: env.keys("FIELD_KEYS", ""), FIELD_KEYS=text)[1][0]


def test_field_keys_are_a_list_the_newest_first():
    one, two = "dGVzdC1vbmx5LWtleS1uZXZlci1zZXJ2ZWQtMDEyMzQ=", "b3RoZXItb25seS1rZXktbmV2ZXItc2VydmVkLTAxMjM="
    assert asked(lambda env: env.keys("FIELD_KEYS", ""), FIELD_KEYS=f"{one}, {two}") == ([one, two], [])


def test_a_signing_key_of_another_length_is_refused():
    assert "openssl rand" in asked(lambda env: env.seed("AUDIT_SIGNING_KEY", ""), AUDIT_SIGNING_KEY="dGVzdA==")[1][0]


def test_all_faults_are_told_at_once():
    env = Environment({"DEMO": "maybe", "LOG_LEVEL": "LOUD"})
    env.flag("DEMO")
    env.one_of("LOG_LEVEL", "INFO", ("INFO", "ERROR"))
    with pytest.raises(ImproperlyConfigured) as told:
        env.check()
    assert str(told.value).splitlines() == [
        "The settings cannot be used:",
        '- DEMO is "maybe", which is neither yes nor no: set it to 1 or 0.',
        '- LOG_LEVEL is "LOUD": set it to one of INFO, ERROR.',
    ]


def test_no_fault_raises_nothing():
    Environment({}).check()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "[::1]", "::1"])
def test_what_is_this_machine_only(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["127.example.org", "127.0.0.1.example.org", "0.0.0.0", "10.0.0.1", "grants.example.org", "*", ""])  # noqa: S104
def test_what_others_reach_too(host):
    assert not is_loopback(host)
