"""Djoser's URL modules under the profile's prefix, and DRF's login pages where it names them."""

from django.urls import include, path

from backend.deployment import PROFILE
from backend.views import log_in, log_out

_MODULES = {"users": "djoser.urls", "jwt": "djoser.urls.jwt", "token": "djoser.urls.authtoken"}
_prefix = PROFILE["prefix"].lstrip("/")

urlpatterns = [path(_prefix, include(_MODULES[name])) for name in PROFILE["urls"]]
if (PROFILE["session_login"] or "").endswith("/json/"):
    _pages = PROFILE["session_login"].lstrip("/").removesuffix("json/")
    urlpatterns += [path(f"{_pages}json/", log_in), path(f"{_pages}logout/", log_out)]
elif PROFILE["session_login"]:
    _pages = PROFILE["session_login"].lstrip("/").removesuffix("login/")
    urlpatterns.append(path(_pages, include("rest_framework.urls")))
