"""Breaks the running Django process: puts a function around one of its own. Runs inside it only."""

from collections.abc import Callable, Iterable
from pkgutil import resolve_name
from typing import Any

from .registry import find_fault

Hook = Callable[..., Any]


def break_it(names: Iterable[str]) -> None:
    """Applies the patches of these faults to the running process."""
    for name in names:
        patch = find_fault(name).patch
        if patch is not None:
            patch()


def replaced(path: str, value: Any) -> None:
    """Puts a value, a function as a rule, in the place of the one at a dotted path."""
    owner, _, name = path.rpartition(".")
    setattr(resolve_name(owner), name, value)


def wrap(path: str, around: Hook) -> None:
    """Replaces the function at a dotted path by one that gets the original as its first argument."""
    owner, _, name = path.rpartition(".")
    original = getattr(resolve_name(owner), name)

    def replacement(*args: Any, **kwargs: Any) -> Any:
        return around(original, *args, **kwargs)

    # DRF's router reads these from an action's function
    for key, value in vars(original).items():
        setattr(replacement, key, value)
    replacement.__name__ = getattr(original, "__name__", name)
    replaced(path, replacement)


def on_response(change: Callable[[Any, Any, Any], Any]) -> None:
    """Lets `change(request, reply, view)` alter every answer of an API view before it is rendered."""

    def around(original: Any, view: Any, request: Any, reply: Any, *args: Any, **kw: Any) -> Any:
        reply = original(view, request, reply, *args, **kw)
        return change(request, reply, view) or reply

    wrap("rest_framework.views.APIView.finalize_response", around)


def on_action(*names: str) -> Callable[[Hook], Hook]:
    """Lets the decorated `(original, view, request)` stand around these of Djoser's actions."""

    def register(around: Hook) -> Hook:
        for name in names:
            wrap(f"djoser.views.UserViewSet.{name}", around)
        return around

    return register


def on_called(actions: tuple[str, ...], act: Hook) -> None:
    """Puts `act` around these actions where they are what was called."""

    def around(original: Any, view: Any, *args: Any, **kwargs: Any) -> Any:
        if view.action not in actions:
            return original(view, *args, **kwargs)
        return act(original, view, *args, **kwargs)

    on_action(*actions)(around)


def answer(status: int, data: Any = None) -> Any:
    """An answer of DRF."""
    from rest_framework.response import Response

    return Response(data, status=status)


def action_of(view: Any) -> str:
    """Djoser's action (`create`, `me`, `activation`…), or the name of the view's class."""
    return getattr(view, "action", None) or type(view).__name__
