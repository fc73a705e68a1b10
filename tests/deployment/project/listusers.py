"""Prints every row of the user table as JSON, oldest first."""

import json
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

import django

if __name__ == "__main__":
    django.setup()
    from django.contrib.auth import get_user_model

    rows = get_user_model()._default_manager.order_by("date_joined").values()
    print(json.dumps(list(rows), default=str))
