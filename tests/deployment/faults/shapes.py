"""The shapes that most faults have, as decorators: each makes the patch of a fault of one function."""

from collections import Counter
from collections.abc import Callable
from operator import attrgetter
from typing import Any

from .accounts import login_field, store
from .patching import action_of, answer, on_action, on_response, wrap
from .registry import Patch

Hook = Callable[..., Any]
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

        return lambda: _called(actions, act)

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

        return lambda: _called(actions, act)

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

        return lambda: _called(actions, act)

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


def without_effect(*actions: str) -> None:
    """These actions judge what was sent, answer 204 and do nothing."""

    def act(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        view.get_serializer(data=request.data).is_valid(raise_exception=True)
        return answer(204)

    _called(actions, act)


def not_saved(
    action: str, column: str, *, when: Hook = lambda request: True, whose: Hook = attrgetter("user")
) -> None:
    """This action answers as if the column were written, and it keeps its value; where `when(request)`."""

    def act(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        account = whose(request)
        old = getattr(account, column, None)
        reply = original(view, request, *args, **kwargs)
        if when(request):
            store(account, **{column: old})
        return reply

    _called((action,), act)


def works_times(times: int, action: str, per: Hook, then: Callable[[], Any]) -> None:
    """This action works so many times per `per(request)`; from then on it answers `then()`."""
    done = Counter[Any]()

    def act(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        key = per(request)
        if done[key] >= times:
            return then()
        reply = original(view, request, *args, **kwargs)
        done[key] += 1
        return reply

    _called((action,), act)


def created(do: Hook) -> None:
    """Does `do(user, sent)` with each account that was registered, and saves it."""

    def create(original: Any, serializer: Any, data: Any) -> Any:
        user = original(serializer, data)
        do(user, serializer.initial_data)
        user.save()
        return user

    wrap("djoser.serializers.UserCreateMixin.perform_create", create)


def deleting(do: Hook) -> None:
    """Does `do(user)` with each account right before it is deleted."""

    def destroy(original: Any, view: Any, user: Any) -> None:
        do(user)
        original(view, user)

    wrap("djoser.views.UserViewSet.perform_destroy", destroy)


def logging_in(judge: Hook) -> None:
    """Lets `judge(user, login, password)` say who logs in; `user` is whom Django lets in, or None."""

    def authenticate(
        original: Any,
        backend: Any,
        request: Any,
        username: Any = None,
        password: Any = None,
        **kw: Any,
    ) -> Any:
        user = original(backend, request, username, password, **kw)
        return judge(user, username or kw.get(login_field()), password)

    wrap("django.contrib.auth.backends.ModelBackend.authenticate", authenticate)


def after_jwt_login(do: Hook) -> None:
    """Does `do(user)` after each login by JWT."""

    def validate(original: Any, serializer: Any, attrs: Any) -> Any:
        data = original(serializer, attrs)
        do(serializer.user)
        return data

    wrap("rest_framework_simplejwt.serializers.TokenObtainPairSerializer.validate", validate)


def judged_by(validate_password: Hook, *serializers: str) -> None:
    """These of Djoser's serializers judge passwords by another function than Django's."""
    from djoser import serializers as module

    real = module.validate_password

    def validate(original: Any, serializer: Any, attrs: Any) -> Any:
        module.validate_password = validate_password
        try:
            return original(serializer, attrs)
        finally:
            module.validate_password = real

    for name in serializers:
        wrap(f"djoser.serializers.{name}.validate", validate)


def _called(actions: tuple[str, ...], act: Hook) -> None:
    """Puts `act` around these actions where they are what was called."""

    def around(original: Any, view: Any, *args: Any, **kwargs: Any) -> Any:
        if view.action not in actions:
            return original(view, *args, **kwargs)
        return act(original, view, *args, **kwargs)

    on_action(*actions)(around)
