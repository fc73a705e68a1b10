"""The shapes that most faults have, as decorators: each makes the patch of a fault of one function."""

from collections.abc import Callable
from typing import Any

from .patching import Hook, action_of, on_called, on_response, wrap
from .registry import Patch

Shape = Callable[[Hook], Patch]


def around(*paths: str) -> Shape:
    """`hook(original, …)` stands around the functions at these dotted paths."""

    def shape(hook: Hook) -> Patch:
        def patch() -> None:
            for path in paths:
                wrap(path, hook)

        return patch

    return shape


def before(*actions: str, by: tuple[str, ...] = ()) -> Shape:
    """`hook(request)` comes before these of Djoser's actions, or instead: with the answer it returns.

    `by` are the methods, if not all. Only where the actions were called themselves, not where `me`
    borrows one, as with all shapes of actions.
    """

    def shape(hook: Hook) -> Patch:
        def act(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            concerned = not by or request.method in by
            return (hook(request) if concerned else None) or original(
                view, request, *args, **kwargs
            )

        return lambda: on_called(actions, act)

    return shape


def after(*actions: str, by: tuple[str, ...] = ()) -> Shape:
    """`hook(request, reply)` comes after these of Djoser's actions, where nothing was refused.

    What it returns, if anything, is answered instead of the reply; `by` are the methods, if not all.
    """

    def shape(hook: Hook) -> Patch:
        def act(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            reply = original(view, request, *args, **kwargs)
            concerned = not by or request.method in by
            return (hook(request, reply) if concerned else None) or reply

        return lambda: on_called(actions, act)

    return shape


def refused(*actions: str) -> Shape:
    """`hook(request, error)` comes after these of Djoser's actions have refused what was sent.

    The refusal goes on, unless the hook returns an answer.
    """

    def shape(hook: Hook) -> Patch:
        def act(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            from rest_framework.exceptions import PermissionDenied, ValidationError

            try:
                return original(view, request, *args, **kwargs)
            except (ValidationError, PermissionDenied) as error:
                reply = hook(request, error)
                if reply is None:
                    raise
                return reply

        return lambda: on_called(actions, act)

    return shape


def answers(status: int = 0, action: str = "") -> Shape:
    """`hook(request, reply)` alters the answers of that status, of that action; 0 and "": of any."""

    def shape(hook: Hook) -> Patch:
        def change(request: Any, reply: Any, view: Any) -> Any:
            if status in {0, reply.status_code} and action in {"", action_of(view)}:
                return hook(request, reply)
            return None

        return lambda: on_response(change)

    return shape
