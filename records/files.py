"""Taking erased files out of storage: a folder or a bucket, after the rows are gone."""

from datetime import datetime

from django.core.files.storage import default_storage

from applications.models import Document
from notifications.models import OutboxMessage
from notifications.outbox import handles
from payments.models import Evidence


@handles("file.erase")
def erase_file(message: OutboxMessage, at: datetime) -> None:
    """Delete the bytes, unless a row that was kept names them too. What is gone already is no error."""
    name = message.payload["name"]
    if not (Document.objects.filter(file=name).exists() or Evidence.objects.filter(file=name).exists()):
        default_storage.delete(name)
