"""The house itself: settings, keys, what was built, room on the disk."""

import difflib
import os
import shutil
import stat
from collections.abc import Iterator

from django.conf import settings

from accounts.encryption import decrypt, encrypt
from audit import keys as audit_keys
from config import keys
from config.doctor.findings import Finding, Question, ill, look, well

KNOWN = frozenset({
    "ALLOWED_HOSTS", "AUDIT_SIGNING_KEY", "AWS_ACCESS_KEY_ID", "AWS_S3_ADDRESSING_STYLE", "AWS_S3_ENCRYPTION", "AWS_S3_ENDPOINT_URL",
    "AWS_S3_REGION_NAME", "AWS_SECRET_ACCESS_KEY", "AWS_STORAGE_BUCKET_NAME", "BASE_URL", "BOUNCES_FOLDER", "CACHE_URL",
    "CELERY_BROKER_URL", "CLAMD_URL", "COMPANIES_HOUSE_API_KEY", "COMPANIES_HOUSE_URL", "CSRF_TRUSTED_ORIGINS",
    "DATABASE_REPLICA_URL", "DATABASE_URL", "DEFAULT_FROM_EMAIL", "DEMO", "EMAIL_URL", "FIELD_KEYS", "LOG_LEVEL", "LOG_STYLE",
    "MAIL_DOMAIN", "MAINTENANCE", "METRICS_TOKEN", "REHEARSAL", "SECRET_KEY", "TRUSTED_PROXIES", "VAR_DIR",
})  # fmt: skip
"""Every variable that the settings read."""
ROOM = 500 * 1024 * 1024


def mode() -> Iterator[Finding]:
    if settings.DEMO:
        yield look("mode", "Demo mode is on: anybody on this machine can be anybody in the house.", "Unset DEMO for real work.")
    else:
        yield well("mode", f"Serving for real, as {settings.BASE_URL}.")
    if settings.MAINTENANCE:
        yield look("mode", "Maintenance is on: every page answers 503.", "Unset MAINTENANCE when it is over.")


def variables() -> Iterator[Finding]:
    """Variables that look like ours, slightly misspelt: they would be ignored in silence."""
    others = [name for name in os.environ if name.isupper() and name not in KNOWN]
    for name in others:
        meant = difflib.get_close_matches(name, KNOWN, n=1, cutoff=0.9)
        if meant:
            yield look("settings", f"{name} is set, but nothing reads it.", f"Did you mean {meant[0]}?")


def own_keys() -> Iterator[Finding]:
    if decrypt(encrypt("examined")) != "examined":
        yield ill("keys", "FIELD_KEYS do not read what they wrote.", "Restore the keys that the database was written with.")
    fingerprint = audit_keys.fingerprint(audit_keys.public_bytes(audit_keys.signing_key()))
    yield well("keys", f"Fields are encrypted with {len(settings.FIELD_KEYS)} key(s); checkpoints are signed by {fingerprint[:16]}….")
    for name in keys.FILES.values():
        path = settings.KEYS_DIR / name
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield ill("keys", f"{path.name} can be read by others.", f"chmod 600 {path}")


def built() -> Iterator[Finding]:
    if settings.IS_COLLECTED:
        yield well("pages", "The style sheet and scripts are built and collected.")
    elif settings.WHITENOISE_USE_FINDERS and (settings.BASE_DIR / "static" / "build" / "pumphouse.css").exists():
        yield look("pages", "The style sheet is built but not collected: served slowly.", "manage.py collectstatic --noinput")
    else:
        yield ill("pages", "The style sheet is missing.", "make assets && manage.py collectstatic --noinput")


def room() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.VAR_DIR).free
    sentence = f"{free // 1024**2:,} MiB are free for {settings.VAR_DIR.name}/."
    yield well("disk", sentence) if free > ROOM else ill("disk", sentence, "Make room, or set VAR_DIR to a larger disk.")


QUESTIONS: tuple[tuple[str, Question], ...] = (
    ("mode", mode), ("settings", variables), ("keys", own_keys), ("pages", built), ("disk", room),
)  # fmt: skip
