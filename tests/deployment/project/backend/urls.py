"""Djoser's URL modules under the profile's prefix, and DRF's login pages where it names them."""

from django.urls import include, path

from backend.deployment import PROFILE

_MODULES = {"users": "djoser.urls", "jwt": "djoser.urls.jwt", "token": "djoser.urls.authtoken"}
_prefix = PROFILE["prefix"].lstrip("/")

urlpatterns = [path(_prefix, include(_MODULES[name])) for name in PROFILE["urls"]]
if PROFILE["session_login"]:
    _pages = PROFILE["session_login"].lstrip("/").removesuffix("login/")
    urlpatterns.append(path(_pages, include("rest_framework.urls")))
