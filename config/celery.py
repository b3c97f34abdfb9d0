"""Celery: the doorbell for outbox rows, and the clock for deadlines and the trail."""

import os

from celery import Celery
from celery.schedules import crontab

from config import queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

queue.use()
app = Celery("pumphouse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.imports = ("config.start",)
app.conf.beat_schedule = {
    "ring the outbox": {"task": "notifications.tasks.deliver_waiting", "schedule": 10.0},
    "mail the day's messages": {"task": "notifications.tasks.put_digests", "schedule": 600.0},
    "read mail that came back": {"task": "notifications.tasks.read_bounces", "schedule": 120.0},
    "fire what is due": {"task": "workflow.tasks.fire_due_deadlines", "schedule": 10.0},
    "keep rankings": {"task": "assessments.tasks.keep_rankings", "schedule": 300.0},
    "seal the trail": {"task": "audit.tasks.seal", "schedule": 5.0},
    "erase what is due": {"task": "records.tasks.erase_what_is_due", "schedule": crontab(hour="3", minute="10")},
    "sign a checkpoint": {"task": "audit.tasks.checkpoint", "schedule": 900.0},
}
