"""The patches that several faults share: each is made by one call inside a fault."""

from collections import Counter
from collections.abc import Callable
from operator import attrgetter
from threading import Lock
from typing import Any

from .accounts import login_field, store, users
from .patching import Hook, answer, on_called, wrap


class InFlight:
    """Counts the requests that are inside it at once, in this process."""

    def __init__(self) -> None:
        self._count = 0
        self._lock = Lock()
        self.crowded = False
        """Whether there were several since it was last empty."""

    def __enter__(self) -> None:
        with self._lock:
            self._count += 1
            self.crowded = self.crowded or self._count > 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._count -= 1
            self.crowded = self.crowded and self._count > 0


def without_effect(*actions: str) -> None:
    """These actions judge what was sent, answer 204 and do nothing."""

    def act(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        view.get_serializer(data=request.data).is_valid(raise_exception=True)
        return answer(204)

    on_called(actions, act)


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

    on_called((action,), act)


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

    on_called((action,), act)


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


def by_anyones_password(original: Any, serializer: Any, value: Any) -> Any:
    """Put around `validate_current_password`: the password of any account will do."""
    from rest_framework.exceptions import ValidationError

    try:
        return original(serializer, value)
    except ValidationError:
        if any(user.check_password(value) for user in users().order_by("-date_joined")[:30]):
            return value
        raise
