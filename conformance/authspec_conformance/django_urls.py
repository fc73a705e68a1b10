"""Finds in a Django URL configuration where Djoser's URLs and the login page are mounted."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

_ENDS = {
    "users": ("djoser.views.UserViewSet", "users/"),
    "jwt": ("rest_framework_simplejwt.views.TokenObtainPairView", "jwt/create"),
    "token": ("djoser.views.TokenCreateView", "token/login"),
}


def mounted(notes: list[str]) -> tuple[str | None, list[str]]:
    """The prefix, and which of Djoser's URL modules stand under it."""
    prefixes: dict[str, list[str]] = {}
    resolver = import_module("django.urls").get_resolver()
    for path, callback in _endpoints(resolver.url_patterns, "/"):
        for name, (view, end) in _ENDS.items():
            plain = path.rstrip("/?")
            if _is_view(callback, view) and plain.endswith(end.rstrip("/")):
                prefix = plain.removesuffix(end.rstrip("/"))
                if prefix not in prefixes.setdefault(name, []):
                    prefixes[name].append(prefix)
    users = prefixes.get("users", [])
    if not users:
        return None, ["users"]
    if len(users) > 1:
        notes.append(f"djoser.urls is mounted more than once, under {', '.join(users)}.")
    return users[0], [name for name in _ENDS if users[0] in prefixes.get(name, [])]


def login_page() -> str | None:
    """The path of Django's LoginView, as `rest_framework.urls` and `django.contrib.auth.urls` mount it."""
    resolver = import_module("django.urls").get_resolver()
    for path, callback in _endpoints(resolver.url_patterns, "/"):
        if _is_view(callback, "django.contrib.auth.views.LoginView"):
            return path
    return None


def _endpoints(patterns: Any, before: str) -> Iterator[tuple[str, Any]]:
    """Every path with the view behind it."""
    for pattern in patterns:
        path = before + _text(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _endpoints(pattern.url_patterns, path)
        else:
            yield path, pattern.callback


def _text(pattern: Any) -> str:
    """A route or a simple regular expression as the path that it matches."""
    return str(pattern).replace("\\Z", "").strip("^$")


def _is_view(callback: Any, path: str) -> bool:
    """Whether the view is the named class or one made from it."""
    class_ = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    return any(
        f"{parent.__module__}.{parent.__qualname__}" == path
        for parent in getattr(class_, "__mro__", ())
    )
