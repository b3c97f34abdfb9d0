"""Settings: one file, driven by the environment, loud about nonsense.

Every value that differs between machines is an environment variable; the table in README.md lists them.
"""

import sys
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()

TESTING = "pytest" in sys.modules
DEMO = env.bool("DEMO", default=False)
DEBUG = False
MAINTENANCE = env.bool("MAINTENANCE", default=False)

BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECRET_KEY = env.str("SECRET_KEY", default="test-only-key-never-served" if TESTING or DEMO else "")
FIELD_KEYS = env.list("FIELD_KEYS", default=["dGVzdC1vbmx5LWtleS1uZXZlci1zZXJ2ZWQtMDEyMzQ="] if TESTING or DEMO else [])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_fsm",
    "rest_framework",
    "design",
    "audit",
    "accounts",
    "notifications",
    "workflow",
    "grants",
    "applications",
    "assessments",
    "payments",
    "reporting",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.pages.Maintenance",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.pages.RefusalPages",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "accounts.Person"
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/home/"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.navigation.house",
            ],
            "builtins": ["design.templatetags.components"],
        },
    },
]
FORM_RENDERER = "design.forms.DesignRenderer"
CSRF_FAILURE_VIEW = "config.pages.csrf_failure"


def _database() -> dict:
    """The database that DATABASE_URL names; SQLite is opened so that writers queue instead of failing."""
    database = env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'pumphouse.sqlite3'}")
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;",
        }
    else:
        database["CONN_MAX_AGE"] = 60
        database["CONN_HEALTH_CHECKS"] = True
    return database


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "documents"

MAIL_DOMAIN = env.str("MAIL_DOMAIN", default="pumphouse.invalid")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Pumphouse <no-reply@{MAIL_DOMAIN}>")
