"""Settings: one file, driven by the environment, loud about nonsense.

Every value that differs between machines is an environment variable; the table in README.md lists them.
"""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from config import keys, logs, transports
from config.environment import Environment, is_loopback
from grants.rehearsals import clock

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(os.environ)

TESTING = "pytest" in sys.modules
DEMO = env.flag("DEMO") and not TESTING
DEBUG = False
# A rehearsal's own process: `grants.rehearsals.apart` starts it, with a folder for everything it has.
REHEARSAL = env.text("REHEARSAL")
if REHEARSAL and not DEMO:
    env.refuse("REHEARSAL is set without DEMO: it is for the processes that `manage.py rehearse` starts.")
MAINTENANCE = env.flag("MAINTENANCE")
METRICS_TOKEN = env.text("METRICS_TOKEN")
if METRICS_TOKEN and not METRICS_TOKEN.isascii():
    env.refuse("METRICS_TOKEN has letters in it that cannot be sent in a header: make one with `openssl rand -hex 20`.")
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    env.refuse("METRICS_TOKEN is short enough to be guessed: make one with `openssl rand -hex 20`.")

# The service's own state: database file, queue, mailbox, documents, keys. Each process of a test run has its own.
VAR_DIR = env.folder("VAR_DIR", str(BASE_DIR / "var"))
if TESTING:
    VAR_DIR = VAR_DIR / "tests" / str(os.getpid())
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
if REHEARSAL:
    clock.install(VAR_DIR / "clock")

BASE_URL = env.base_url("BASE_URL", "http://127.0.0.1:8000")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.items("CSRF_TRUSTED_ORIGINS")
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, most=5)
_base = urlsplit(BASE_URL)
if "*" in ALLOWED_HOSTS:
    env.refuse("ALLOWED_HOSTS holds *, which lets anybody choose the host name in our links: list the names people type.")
if DEMO and not all(is_loopback(host) for host in [*ALLOWED_HOSTS, _base.hostname or ""]):
    env.refuse("DEMO is on, and ALLOWED_HOSTS or BASE_URL names more than this machine: a demonstration is served on loopback only.")
if not DEMO and _base.scheme == "http" and not is_loopback(_base.hostname or ""):
    env.refuse(f'BASE_URL is "{BASE_URL}": outside demo mode it must be https, for sign-in cookies travel over TLS only.')
for _origin in CSRF_TRUSTED_ORIGINS:
    if not _origin.startswith(("https://", "http://")):
        env.refuse(f'CSRF_TRUSTED_ORIGINS holds "{_origin}": write each with its scheme, such as https://grants.example.org.')

# Keys: from the environment, else the files of the embedded set-up (demo mode and tests make theirs on first use).
KEYS_DIR = VAR_DIR / "keys"
if DEMO or TESTING:
    keys.make_missing(KEYS_DIR)
SECRET_KEY = env.secret("SECRET_KEY", keys.kept("SECRET_KEY", KEYS_DIR))
FIELD_KEYS = env.keys("FIELD_KEYS", keys.kept("FIELD_KEYS", KEYS_DIR))
AUDIT_SIGNING_KEY = env.seed("AUDIT_SIGNING_KEY", keys.kept("AUDIT_SIGNING_KEY", KEYS_DIR))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_fsm",
    "rest_framework",
    "drf_spectacular",
    "design",
    "audit",
    "accounts",
    "notifications",
    "workflow",
    "grants",
    "applications",
    "assessments",
    "payments",
    "records",
    "reporting",
    "config",
]

MIDDLEWARE = [
    "config.headers.Headers",
    "config.health.Health",
    "audit.middleware.RequestContext",
    "config.metrics.Metrics",
    "config.logs.AccessLog",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.pages.Maintenance",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.held.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "config.limits.Limits",
    "config.rehearsed.Rehearsing",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.pages.RefusalPages",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "accounts.Person"
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/home/"
LOGOUT_REDIRECT_URL = "/"

# Signing in: email with a password or an emailed code, a second factor for most roles, limits on guessing. See docs/adr on accounts.
AUTHENTICATION_BACKENDS = ["accounts.backends.PeopleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ["email", "name"]}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher" if TESTING else "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60 if not REHEARSAL else 10 * 366 * 24 * 60 * 60  # a rehearsal's clock is moved on by months
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "accounts.adapters.display_name"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignUpForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = BASE_URL.partition(":")[0]
ACCOUNT_RATE_LIMITS = {"login_failed": "20/15m/ip,5/15m/key"}
ACCOUNT_FORMS = {
    "login": "accounts.allauth_forms.SignIn",
    "signup": "accounts.allauth_forms.SignUp",
    "add_email": "accounts.allauth_forms.AddEmail",
    "change_email": "accounts.allauth_forms.ChangeEmail",
    "change_password": "accounts.allauth_forms.ChangePassword",
    "set_password": "accounts.allauth_forms.SetPassword",
    "reset_password": "accounts.allauth_forms.ResetPassword",
    "reset_password_from_key": "accounts.allauth_forms.ResetPasswordKey",
    "reauthenticate": "accounts.allauth_forms.Reauthenticate",
    "request_login_code": "accounts.allauth_forms.RequestCode",
    "confirm_login_code": "accounts.allauth_forms.ConfirmSignInCode",
    "confirm_email_verification_code": "accounts.allauth_forms.ConfirmEmailCode",
    "confirm_password_reset_code": "accounts.allauth_forms.ConfirmResetCode",
}
MFA_FORMS = {
    "authenticate": "accounts.allauth_forms.Authenticate",
    "reauthenticate": "accounts.allauth_forms.ReauthenticateWithCode",
    "activate_totp": "accounts.allauth_forms.ActivateApp",
    "add_webauthn": "accounts.allauth_forms.AddKey",
    "edit_webauthn": "accounts.allauth_forms.RenameKey",
}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = BASE_URL.startswith("http:")
MFA_TOTP_ISSUER = "Pumphouse"
MFA_TOTP_TOLERANCE = 1

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

DATABASES = {"default": transports.database(env, VAR_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True

# Files: what was built is served by WhiteNoise, what people upload is private.
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
IS_COLLECTED = not TESTING and (STATIC_ROOT / "staticfiles.json").exists()
IS_PLAIN = (DEMO or TESTING) and not IS_COLLECTED and "collectstatic" not in sys.argv
WHITENOISE_USE_FINDERS = IS_PLAIN and not TESTING  # a live server of the tests finds them itself
STORAGES = {
    "default": transports.documents(env, VAR_DIR),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if IS_PLAIN
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = VAR_DIR / "documents"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
CLAMD_URL = env.address("CLAMD_URL", "", schemes={"unix", "tcp"}, example="unix:///run/clamav/clamd.ctl")

# The companies register: asked only where there is a key; without one `manage.py companies import` brings in its bulk file.
COMPANIES_HOUSE_API_KEY = env.text("COMPANIES_HOUSE_API_KEY")
COMPANIES_HOUSE_URL = env.address(
    "COMPANIES_HOUSE_URL", "https://api.company-information.service.gov.uk", schemes={"https", "http"},
    example="https://api.company-information.service.gov.uk",
)  # fmt: skip

# Queue, cache, mail.
CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = transports.broker(env, VAR_DIR, testing=TESTING)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ALWAYS_EAGER = bool(REHEARSAL)  # it has no worker: what the doorbell asks for is done at once
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 600
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_TIMEZONE = "UTC"
CACHES = {"default": transports.cache(env, VAR_DIR, testing=TESTING)}
vars().update(transports.mail(env, VAR_DIR))
MAIL_DOMAIN = env.matching("MAIL_DOMAIN", "pumphouse.invalid", pattern=r"[A-Za-z0-9.-]+", example="grants.example.org")
BOUNCES_FOLDER = env.text("BOUNCES_FOLDER")
if BOUNCES_FOLDER and not os.access(BOUNCES_FOLDER, os.R_OK | os.W_OK | os.X_OK):
    env.refuse(f'BOUNCES_FOLDER is "{BOUNCES_FOLDER}", which is no folder that we may read and write: name the `new` of a Maildir.')
DEFAULT_FROM_EMAIL = env.matching(
    "DEFAULT_FROM_EMAIL", f"Pumphouse <no-reply@{MAIL_DOMAIN}>", pattern=r"([^<>@]+<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)",
    example="Grants team <no-reply@grants.example.org>",
)  # fmt: skip

# Outside demo mode cookies travel over TLS only, and browsers are told to stay there.
IS_SECURE = not (DEMO or TESTING)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = IS_SECURE and _base.scheme == "https"
SECURE_HSTS_SECONDS = 31_536_000 if IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

LOGGING_CONFIG = None
logs.configure(
    level=env.one_of("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
    style=env.one_of("LOG_STYLE", "json", ("json", "plain")),
)

env.check()

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.authentication.KeyAllows"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["reporting.api.limits.PerKey"],
    "DEFAULT_THROTTLE_RATES": {"key": "600/min"},
    "DEFAULT_SCHEMA_CLASS": "reporting.api.schema.Described",
    "EXCEPTION_HANDLER": "reporting.api.problems.handle",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Pumphouse API",
    "DESCRIPTION": "Live figures and records of funded programmes, for funders' systems. Money is in whole pence.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "reporting.api.schema.without_database_limits",
    ],
}
