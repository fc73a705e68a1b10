"""Makes an active user from the JSON object on its input: the values of the model's fields, and the password."""

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

import django

if __name__ == "__main__":
    django.setup()
    from django.contrib.auth import get_user_model

    get_user_model().objects.create_user(**json.load(sys.stdin), is_active=True)
