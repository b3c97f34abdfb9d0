"""The WSGI entry for gunicorn."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

if "runserver" not in sys.argv:
    from django.db import connections

    from config import start

    start.check()
    connections.close_all()
