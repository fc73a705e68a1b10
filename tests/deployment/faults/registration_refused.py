"""Registrations of a taken address, and refused ones, that go wrong."""

from typing import Any

from .patching import answer, by_email, on_action, raw_body, users
from .registry import BY_EMAIL, EVERYWHERE, fault

_OP = "POST /users/"


@fault(
    "registration-overwrites",
    "Registering a taken address sets that account's password and answers 201.",
    breaks=f"{_OP}: a refused registration changes nothing",
    profiles=BY_EMAIL,
    steps=3,
)
def _() -> None:
    @on_action("create")
    def create(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        body = raw_body(request)
        user = by_email(body.get("email"))
        if user is None or not isinstance(body.get("password"), str):
            return original(view, request, *args, **kwargs)
        user.set_password(body["password"])
        user.save()
        return answer(201, {"email": user.email, "id": user.pk})


@fault(
    "registration-takes-over-inactive",
    "Registering the address of a pending account replaces its password, with the usual refusal.",
    breaks=f"{_OP}: a refused registration changes nothing",
    steps=4,
)
def _() -> None:
    @on_action("create")
    def create(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        body = raw_body(request)
        user = by_email(body.get("email"))
        if user is not None and not user.is_active and isinstance(body.get("password"), str):
            user.set_password(body["password"])
            user.save()
        return original(view, request, *args, **kwargs)


@fault(
    "duplicate-registration-409",
    "A taken address is answered with 409.",
    breaks=f"{_OP}: 400 with the field's error",
    profiles=BY_EMAIL,
    steps=2,
)
def _() -> None:
    @on_action("create")
    def create(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if by_email(raw_body(request).get("email")):
            return answer(409, {"detail": "This address is taken."})
        return original(view, request, *args, **kwargs)


@fault(
    "duplicate-registration-201",
    "A taken address is answered with 201, as if an account had been made.",
    breaks=f"{_OP}: a taken address is refused",
    profiles=BY_EMAIL,
    steps=2,
)
def _() -> None:
    @on_action("create")
    def create(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        user = by_email(raw_body(request).get("email"))
        if user:
            return answer(201, {"email": user.email, "id": user.pk})
        return original(view, request, *args, **kwargs)


@fault(
    "duplicate-registration-500",
    "A taken address runs into the database's constraint and is answered with 500.",
    breaks=f"{_OP}: a taken address is refused with 400",
    profiles=EVERYWHERE,
    steps=2,
)
def _() -> None:
    from djoser.serializers import UserCreateMixin
    from rest_framework.validators import UniqueValidator

    def create(self: Any, data: Any) -> Any:
        return self.perform_create(data)

    UniqueValidator.__call__ = lambda self, value, field: None
    UserCreateMixin.create = create


@fault(
    "refused-duplicate-mails-owner",
    "A refused registration of a taken address sends the owner another mail.",
    breaks=f"{_OP}: a refused call mails nobody",
    steps=2,
)
def _() -> None:
    @on_action("create")
    def create(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        from djoser.conf import settings

        user = by_email(raw_body(request).get("email"))
        if user:
            settings.EMAIL.activation(request, {"user": user}).send([user.email])
        return original(view, request, *args, **kwargs)


@fault(
    "refused-registration-stays",
    "A registration that is refused for its weak password leaves an account behind.",
    breaks=f"{_OP}: a refused registration changes nothing",
    profiles=BY_EMAIL,
    steps=2,
)
def _() -> None:
    from rest_framework.exceptions import ValidationError

    @on_action("create")
    def create(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(view, request, *args, **kwargs)
        except ValidationError as error:
            body = raw_body(request)
            known = by_email(body.get("email"))
            if list(error.detail) == ["password"] and body.get("password") and not known:
                users().create_user(email=body["email"], password=body["password"])
            raise


@fault(
    "registration-race-500",
    "Of several registrations of one address at the same time, the losers are answered with 500.",
    breaks=f"{_OP}: 16 registrations of one address give one 201 and otherwise 400",
    profiles=EVERYWHERE,
    steps=3,
    workers=3,
    threads=4,
)
def _() -> None:
    from djoser.serializers import UserCreateMixin

    def create(self: Any, data: Any) -> Any:
        return self.perform_create(data)

    UserCreateMixin.create = create
