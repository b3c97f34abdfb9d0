"""Celery: the doorbell for outbox rows, and the clock for deadlines."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("pumphouse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
