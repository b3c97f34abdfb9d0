"""The settings as a process meets them: nonsense stops it with sentences; outside demo mode everything is locked down."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

KEYS = {
    "SECRET_KEY": "kq3Zr8Wd0vXyB2nM7pLsT5gHj9fAeCuI1oRtYw4E6Q",
    "FIELD_KEYS": "dGVzdC1vbmx5LWtleS1uZXZlci1zZXJ2ZWQtMDEyMzQ=",
    "AUDIT_SIGNING_KEY": "dGVzdC1vbmx5LXNlZWQtbmV2ZXItc2lnbmVkLTAxMjM=",
}
ASK = """
import json, sys
from django.core.exceptions import ImproperlyConfigured
try:
    from config import settings
except ImproperlyConfigured as problem:
    print(json.dumps({"problems": str(problem).splitlines()[1:]}))
else:
    print(json.dumps({name: getattr(settings, name, None) for name in sys.argv[1:]}, default=str))
"""


def start(tmp_path, *names: str, **variables: str) -> dict:
    """What a fresh process with only these variables makes of the settings."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(settings.BASE_DIR), "VAR_DIR": str(tmp_path / "var"), **variables}
    asked = subprocess.run([sys.executable, "-c", ASK, *names], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr
    return json.loads(asked.stdout.splitlines()[-1])


def test_without_keys_nothing_starts(tmp_path):
    problems = start(tmp_path)["problems"]
    assert [problem.split()[1] for problem in problems] == ["SECRET_KEY", "FIELD_KEYS", "AUDIT_SIGNING_KEY"]
    assert not (tmp_path / "var" / "keys").exists(), "outside demo mode keys are made when asked, not in passing"


def test_every_fault_is_told_with_its_variable_and_its_mend(tmp_path):
    wrong = {
        "DEMO": "sometimes",
        "BASE_URL": "grants.example.org",
        "ALLOWED_HOSTS": "*",
        "CSRF_TRUSTED_ORIGINS": "grants.example.org",
        "TRUSTED_PROXIES": "many",
        "DATABASE_URL": "mysql://db/grants",
        "CELERY_BROKER_URL": "sqs://queue",
        "CACHE_URL": "memcached://somewhere",
        "EMAIL_URL": "pigeon://loft",
        "AWS_S3_ENDPOINT_URL": "https://s3.example.org",
        "CLAMD_URL": "clamd",
        "LOG_LEVEL": "LOUD",
    }
    problems = start(tmp_path, **wrong, **KEYS)["problems"]
    for name in wrong:
        assert any(name in problem for problem in problems), f"{name} was let through"
    assert all(": " in problem for problem in problems), "each has a mend after the colon"


def test_outside_demo_mode_cookies_travel_over_tls_and_browsers_are_told(tmp_path):
    names = [
        "DEBUG", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_PROXY_SSL_HEADER",
    ]  # fmt: skip
    found = start(tmp_path, *names, BASE_URL="https://grants.example.org", ALLOWED_HOSTS="grants.example.org", TRUSTED_PROXIES="1", **KEYS)
    assert found == {
        "DEBUG": False, "SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True, "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000, "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
    }  # fmt: skip


def test_without_a_proxy_nobody_s_word_about_tls_is_taken(tmp_path):
    assert start(tmp_path, "SECURE_PROXY_SSL_HEADER", **KEYS) == {"SECURE_PROXY_SSL_HEADER": None}


def test_a_public_address_without_tls_is_refused(tmp_path):
    assert "must be https" in start(tmp_path, BASE_URL="http://grants.example.org", **KEYS)["problems"][0]


@pytest.mark.parametrize("variables", [{"ALLOWED_HOSTS": "localhost,grants.example.org"}, {"BASE_URL": "https://grants.example.org"}])
def test_demo_mode_is_for_loopback_only(tmp_path, variables):
    assert "loopback only" in start(tmp_path, DEMO="1", **variables)["problems"][0]


def test_demo_mode_makes_its_own_keys(tmp_path):
    first = start(tmp_path, "SECRET_KEY", DEMO="1")["SECRET_KEY"]
    assert len(first) > 50
    assert start(tmp_path, "SECRET_KEY", DEMO="1")["SECRET_KEY"] == first


def test_the_content_security_policy_lets_nothing_inline_in(tmp_path):
    policy = start(tmp_path, "CONTENT_SECURITY_POLICY", **KEYS)["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == ["'self'"]
    assert "unsafe" not in json.dumps(policy)


def test_the_embedded_default_keeps_everything_in_one_folder(tmp_path):
    found = start(tmp_path, "DATABASES", "CELERY_BROKER_URL", "CELERY_BROKER_TRANSPORT_OPTIONS", "CACHES", "EMAIL_FILE_PATH", **KEYS)
    var = str(tmp_path / "var")
    assert found["DATABASES"]["default"]["NAME"].startswith(var)
    assert found["DATABASES"]["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert found["CELERY_BROKER_URL"].startswith("filesystem://")
    assert found["CELERY_BROKER_TRANSPORT_OPTIONS"]["polling_interval"] == 0.2
    assert found["CELERY_BROKER_TRANSPORT_OPTIONS"]["data_folder_in"].startswith(var)
    assert found["CACHES"]["default"]["LOCATION"].startswith(var)
    assert found["EMAIL_FILE_PATH"].startswith(var)


def test_servers_are_taken_from_their_addresses(tmp_path):
    found = start(
        tmp_path, "DATABASES", "CELERY_BROKER_URL", "CELERY_BROKER_TRANSPORT_OPTIONS", "CACHES", "EMAIL_HOST", "EMAIL_USE_TLS", "STORAGES",
        DATABASE_URL="postgres://me:secret@db/grants", CELERY_BROKER_URL="redis://queue/0", CACHE_URL="redis://queue/1",
        EMAIL_URL="smtp+tls://me:secret@mail:587", AWS_STORAGE_BUCKET_NAME="papers", AWS_S3_ENDPOINT_URL="https://s3.example.org", **KEYS,
    )  # fmt: skip
    assert found["DATABASES"]["default"]["HOST"] == "db"
    assert found["CELERY_BROKER_TRANSPORT_OPTIONS"]["unacked_restore_throttle"] == 1
    assert found["CACHES"]["default"]["BACKEND"].endswith("RedisCache")
    assert (found["EMAIL_HOST"], found["EMAIL_USE_TLS"]) == ("mail", True)
    documents = found["STORAGES"]["default"]["OPTIONS"]
    assert (documents["bucket_name"], documents["querystring_auth"], documents["default_acl"]) == ("papers", True, None)
    assert documents["object_parameters"] == {"ServerSideEncryption": "AES256"}
