"""Registrations of a taken address, and refused ones, that go wrong."""

from typing import Any

from .accounts import addressed, by_email, give_password, raw_body, sent, users
from .mailing import djoser_mail
from .makers import InFlight
from .patching import answer, on_action, replaced
from .profiles import BY_EMAIL, EVERYWHERE, MANY_FIELDS
from .registry import fault
from .shapes import before, refused


@fault(
    "registration-overwrites",
    "Registering a taken address sets that account's password and answers 201.",
    breaks="POST /users/: a refused registration changes nothing",
    profiles=BY_EMAIL,
    steps=3,
)
@before("create")
def _(request: Any) -> Any:
    user, password = addressed(request), sent(request, "password")
    if user is None or not isinstance(password, str):
        return None
    give_password(user, password)
    return answer(201, {"email": user.email, "id": user.pk})


@fault(
    "registration-takes-over-inactive",
    "Registering the address of a pending account replaces its password, with the usual refusal.",
    breaks="POST /users/: a refused registration changes nothing",
    steps=4,
)
@before("create")
def _(request: Any) -> None:
    body = raw_body(request)
    user = by_email(body.get("email"))
    if user is not None and not user.is_active and isinstance(body.get("password"), str):
        give_password(user, body["password"])


@fault(
    "duplicate-registration-409",
    "A taken address is answered with 409.",
    breaks="POST /users/: 400 with the field's error",
    profiles=BY_EMAIL,
    steps=2,
)
@before("create")
def _(request: Any) -> Any:
    if addressed(request):
        return answer(409, {"detail": "This address is taken."})
    return None


@fault(
    "duplicate-registration-201",
    "A taken address is answered with 201, as if an account had been made.",
    breaks="POST /users/: a taken address is refused",
    profiles=BY_EMAIL,
    steps=2,
)
@before("create")
def _(request: Any) -> Any:
    user = addressed(request)
    if user:
        return answer(201, {"email": user.email, "id": user.pk})
    return None


@fault(
    "duplicate-registration-500",
    "A taken address runs into the database's constraint and is answered with 500.",
    breaks="POST /users/: a taken address is refused with 400",
    profiles=EVERYWHERE,
    steps=2,
)
def _() -> None:
    def create(self: Any, data: Any) -> Any:
        return self.perform_create(data)

    replaced("rest_framework.validators.UniqueValidator.__call__", lambda self, value, field: None)
    replaced("djoser.serializers.UserCreateMixin.create", create)


@fault(
    "refused-duplicate-mails-owner",
    "A refused registration of a taken address sends the owner another mail.",
    breaks="POST /users/: a refused call mails nobody",
    steps=2,
)
@before("create")
def _(request: Any) -> None:
    user = addressed(request)
    if user:
        djoser_mail("activation", request, user)


@fault(
    "refused-registration-stays",
    "A registration that is refused for its weak password leaves an account behind.",
    breaks="POST /users/: a refused registration changes nothing",
    profiles=BY_EMAIL,
    steps=2,
)
@refused("create")
def _(request: Any, error: Any) -> None:
    body = raw_body(request)
    known = by_email(body.get("email"))
    if list(error.detail) == ["password"] and body.get("password") and not known:
        users().create_user(email=body["email"], password=body["password"])


@fault(
    "registration-race-500",
    "Of several registrations of one address at the same time, the losers are answered with 500.",
    breaks="POST /users/: 16 registrations of one address give one 201 and otherwise 400",
    profiles=EVERYWHERE,
    steps=3,
    workers=3,
    threads=4,
)
def _() -> None:
    def create(self: Any, data: Any) -> Any:
        return self.perform_create(data)

    replaced("djoser.serializers.UserCreateMixin.create", create)


@fault(
    "registration-race-mails-each",
    "Of several registrations of one address at the same time, each sends a mail to it.",
    breaks="POST /users/: a registration that is refused mails nobody",
    profiles=EVERYWHERE,
    steps=3,
    threads=16,
)
def _() -> None:
    at_work = InFlight()

    @on_action("create")
    def create(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        from rest_framework.exceptions import ValidationError

        with at_work:
            try:
                return original(view, request, *args, **kwargs)
            except ValidationError:
                user = addressed(request)
                if at_work.crowded and user is not None:
                    djoser_mail("activation", request, user)
                raise


@fault(
    "registration-refuses-odd-titles",
    "A registration with a title of anything but English letters, digits and spaces is refused.",
    breaks="POST /users/: what the contract's schema allows is accepted",
    profiles=MANY_FIELDS,
)
@before("create")
def _(request: Any) -> None:
    from rest_framework.exceptions import ValidationError

    title = str(sent(request, "title") or "x").replace(" ", "x")
    if not (title.isascii() and title.isalnum()):
        raise ValidationError({"title": ["Only letters, digits and spaces are allowed."]})
