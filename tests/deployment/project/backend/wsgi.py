"""The WSGI application, with the faults of this deployment in it."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402

from backend.deployment import DEPLOYMENT  # noqa: E402

get_resolver().url_patterns  # noqa: B018 - loads every view, so that a broken profile ends the start

if DEPLOYMENT.faults:
    from faults.patching import break_it

    break_it(DEPLOYMENT.faults)
