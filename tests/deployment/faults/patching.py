"""Breaks the Django process, and the small tools that the patches share. Runs inside it only."""

from collections.abc import Callable, Iterable
from typing import Any

from .registry import find_fault


def break_it(names: Iterable[str]) -> None:
    """Applies the patches of these faults to the running process."""
    for name in names:
        patch = find_fault(name).patch
        if patch is not None:
            patch()


def wrap(owner: Any, name: str, around: Callable[..., Any]) -> None:
    """Replaces a method by one that gets the original as its first argument."""
    original = getattr(owner, name)

    def replacement(*args: Any, **kwargs: Any) -> Any:
        return around(original, *args, **kwargs)

    # DRF's router reads these from an action's function
    for key, value in vars(original).items():
        setattr(replacement, key, value)
    replacement.__name__ = getattr(original, "__name__", name)
    setattr(owner, name, replacement)


def on_response(change: Callable[[Any, Any, Any], Any]) -> None:
    """Lets `change(request, response, view)` alter every answer of an API view before it is rendered."""
    from rest_framework.views import APIView

    def around(original: Any, view: Any, request: Any, response: Any, *args: Any, **kw: Any) -> Any:
        answer = original(view, request, response, *args, **kw)
        return change(request, answer, view) or answer

    wrap(APIView, "finalize_response", around)


def on_action(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Lets the decorated `(original, view, request)` stand around these of Djoser's actions."""

    def register(around: Callable[..., Any]) -> Callable[..., Any]:
        from djoser.views import UserViewSet

        for name in names:
            wrap(UserViewSet, name, around)
        return around

    return register


def answer(status: int, data: Any = None) -> Any:
    """An answer of DRF."""
    from rest_framework.response import Response

    return Response(data, status=status)


def users() -> Any:
    """The user table."""
    from django.contrib.auth import get_user_model

    return get_user_model()._default_manager


def by_email(address: Any) -> Any:
    """The user with that e-mail address, or None."""
    return users().filter(email=address).first() if isinstance(address, str) else None


def by_uid(uid: Any) -> Any:
    """The user of a mail's uid, or None."""
    from djoser.utils import decode_uid

    try:
        return users().filter(pk=decode_uid(uid)).first()
    except Exception:
        return None


def first_user() -> Any:
    """The oldest account."""
    return users().order_by("date_joined").first()


def action_of(view: Any) -> str:
    """Djoser's action (`create`, `me`, `activation`…), or the name of the view's class."""
    return getattr(view, "action", None) or type(view).__name__


def raw_body(request: Any) -> dict[str, Any]:
    """The request's body as a mapping; empty where it is none.

    A body that cannot be parsed raises DRF's own error, as without the fault.
    """
    data = request.data
    return dict(data.items()) if hasattr(data, "items") else {}
