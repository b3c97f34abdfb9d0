"""The WSGI entry for gunicorn."""

import gc
import os
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config import measuring

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
if "runserver" not in sys.argv:
    measuring.share(settings.VAR_DIR / "metrics")
application = get_wsgi_application()

if "runserver" not in sys.argv:
    from django.db import connections
    from django.urls import get_resolver

    from config import start

    start.check()
    _ = get_resolver().url_patterns  # every view is loaded now, and not while the first person waits
    connections.close_all()
    gc.collect()
    gc.freeze()  # the house itself is never garbage, and looking through it again and again costs a request a tenth of its time
    gc.set_threshold(20_000, 20, 50)
