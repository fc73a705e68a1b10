"""Djoser's URL modules under the profile's prefix."""

from django.urls import include, path

from backend.deployment import PROFILE

_MODULES = {"users": "djoser.urls", "jwt": "djoser.urls.jwt", "token": "djoser.urls.authtoken"}
_prefix = PROFILE["prefix"].lstrip("/")

urlpatterns = [path(_prefix, include(_MODULES[name])) for name in PROFILE["urls"]]
