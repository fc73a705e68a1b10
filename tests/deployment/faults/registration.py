"""Registrations that go wrong."""

from typing import Any

from .patching import answer, by_email, on_action, raw_body, users, wrap
from .registry import BY_EMAIL, EVERYWHERE, fault

_OP = "POST /users/"


@fault(
    "registers-staff",
    "Registration writes is_staff and is_superuser when the client sends them.",
    breaks=f"{_OP}: fields that are not in the contract are ignored",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from djoser.serializers import UserCreateMixin

    def create(original: Any, serializer: Any, data: Any) -> Any:
        user = original(serializer, data)
        for name in ("is_staff", "is_superuser"):
            if serializer.initial_data.get(name):
                setattr(user, name, True)
        user.save()
        return user

    wrap(UserCreateMixin, "perform_create", create)


@fault(
    "registers-active-on-request",
    "Registration takes is_active from the client, so that nobody has to open the mail.",
    breaks=f"{_OP}: an account is inactive until its link is opened",
    steps=2,
)
def _() -> None:
    from djoser.serializers import UserCreateMixin

    def create(original: Any, serializer: Any, data: Any) -> Any:
        user = original(serializer, data)
        if serializer.initial_data.get("is_active"):
            user.is_active = True
            user.save()
        return user

    wrap(UserCreateMixin, "perform_create", create)


@fault(
    "registration-echoes-password",
    "The answer to a registration repeats the password in clear.",
    breaks=f"{_OP}: the answer holds no password",
    profiles=EVERYWHERE,
)
def _() -> None:
    @on_action("create")
    def create(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        response.data = {**response.data, "password": raw_body(request).get("password")}
        return response


@fault(
    "registration-leaks-hash",
    "The answer to a registration holds the password's hash.",
    breaks=f"{_OP}: the answer has exactly the fields of the contract",
    profiles=EVERYWHERE,
)
def _() -> None:
    @on_action("create")
    def create(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        user = users().get(pk=response.data["id"])
        response.data = {**response.data, "password": user.password}
        return response


@fault(
    "registration-leaks-activation-token",
    "The answer to a registration holds the uid and token of the activation link.",
    breaks=f"{_OP}: the link's secrets go out by mail only",
)
def _() -> None:
    @on_action("create")
    def create(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        from djoser.utils import encode_uid

        response = original(view, request, *args, **kwargs)
        user = users().get(pk=response.data["id"])
        token = view.token_generator.make_token(user)
        response.data = {**response.data, "uid": encode_uid(user.pk), "token": token}
        return response


@fault(
    "registration-200",
    "A registration is answered with 200.",
    breaks=f"{_OP}: 201 Created",
    profiles=EVERYWHERE,
)
def _() -> None:
    @on_action("create")
    def create(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        response.status_code = 200
        return response


@fault(
    "registration-ignores-re-password",
    "Registration takes two passwords that differ.",
    breaks=f"{_OP}: re_password equals password",
    profiles=BY_EMAIL,
)
def _() -> None:
    from djoser.serializers import UserCreatePasswordRetypeSerializer, UserCreateSerializer

    def validate(self: Any, attrs: Any) -> Any:
        self.fields.pop("re_password", None)
        attrs.pop("re_password", None)
        return UserCreateSerializer.validate(self, attrs)

    UserCreatePasswordRetypeSerializer.validate = validate


@fault(
    "registration-re-password-optional",
    "Registration works without re_password, and checks it only when it is sent.",
    breaks=f"{_OP}: re_password is required",
    profiles=BY_EMAIL,
)
def _() -> None:
    from djoser.serializers import UserCreatePasswordRetypeSerializer

    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.fields["re_password"].required = False

    def validate(original: Any, self: Any, attrs: Any) -> Any:
        attrs.setdefault("re_password", attrs["password"])
        return original(self, attrs)

    wrap(UserCreatePasswordRetypeSerializer, "__init__", init)
    wrap(UserCreatePasswordRetypeSerializer, "validate", validate)


@fault(
    "registration-active-at-once",
    "An account is active before its activation link is opened.",
    breaks=f"{_OP}: an account is inactive until its link is opened",
    steps=2,
)
def _() -> None:
    from djoser.serializers import UserCreateMixin

    def create(original: Any, serializer: Any, data: Any) -> Any:
        user = original(serializer, data)
        user.is_active = True
        user.save()
        return user

    wrap(UserCreateMixin, "perform_create", create)


@fault(
    "registration-without-validators",
    "Registration takes weak passwords.",
    breaks=f"{_OP}: Django's password validators apply",
    profiles=EVERYWHERE,
)
def _() -> None:
    from djoser import serializers

    def validate(original: Any, self: Any, attrs: Any) -> Any:
        real = serializers.validate_password
        serializers.validate_password = lambda password, user=None: None
        try:
            return original(self, attrs)
        finally:
            serializers.validate_password = real

    wrap(serializers.UserCreateSerializer, "validate", validate)


@fault(
    "registration-without-similarity",
    "Registration validates the password without the user, so that one like the e-mail passes.",
    breaks=f"{_OP}: UserAttributeSimilarityValidator applies",
    profiles=EVERYWHERE,
)
def _() -> None:
    from djoser import serializers

    def validate(original: Any, self: Any, attrs: Any) -> Any:
        real = serializers.validate_password
        serializers.validate_password = lambda password, user=None: real(password)
        try:
            return original(self, attrs)
        finally:
            serializers.validate_password = real

    wrap(serializers.UserCreateSerializer, "validate", validate)


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
    "registration-lowercases-email",
    "Registration stores the whole address in lower case.",
    breaks=f"{_OP}: the answer repeats the address as sent; only its domain is lowered",
    profiles=BY_EMAIL,
)
def _() -> None:
    from djoser.serializers import UserCreateMixin

    def create(original: Any, serializer: Any, data: Any) -> Any:
        return original(serializer, {**data, "email": data["email"].lower()})

    wrap(UserCreateMixin, "perform_create", create)


@fault(
    "registration-stores-plain-password",
    "Registration saves the password in clear, so that nobody can log in.",
    breaks=f"{_OP}: the new account can log in with its password",
    profiles=EVERYWHERE,
    steps=2,
)
def _() -> None:
    from djoser.serializers import UserCreateMixin

    def create(original: Any, serializer: Any, data: Any) -> Any:
        user = original(serializer, data)
        user.password = data["password"]
        user.save()
        return user

    wrap(UserCreateMixin, "perform_create", create)


@fault(
    "passwords-truncated",
    "Passwords are cut after 20 characters, when they are set and when they are checked.",
    breaks="POST /jwt/create/: a password that only begins like the right one is refused",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from django.contrib.auth.base_user import AbstractBaseUser

    def cut(original: Any, user: Any, raw: Any) -> Any:
        return original(user, raw[:20] if isinstance(raw, str) else raw)

    wrap(AbstractBaseUser, "set_password", cut)
    wrap(AbstractBaseUser, "check_password", cut)


@fault(
    "passwords-case-insensitive",
    "Passwords are compared in lower case.",
    breaks="POST /jwt/create/: a password in another case is refused",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from django.contrib.auth.base_user import AbstractBaseUser

    def lower(original: Any, user: Any, raw: Any) -> Any:
        return original(user, raw.lower() if isinstance(raw, str) else raw)

    wrap(AbstractBaseUser, "set_password", lower)
    wrap(AbstractBaseUser, "check_password", lower)


@fault(
    "passwords-ascii-only",
    "Characters outside of ASCII are dropped from passwords.",
    breaks="POST /jwt/create/: a password without its accented letters is refused",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from django.contrib.auth.base_user import AbstractBaseUser

    def plain(original: Any, user: Any, raw: Any) -> Any:
        return original(
            user, raw.encode("ascii", "ignore").decode() if isinstance(raw, str) else raw
        )

    wrap(AbstractBaseUser, "set_password", plain)
    wrap(AbstractBaseUser, "check_password", plain)


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


@fault(
    "second-registration-gets-first-id",
    "From the second registration on, the answer names the id of the first account.",
    breaks=f"{_OP}: the answer is what `me` shows later",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    @on_action("create")
    def create(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, request, *args, **kwargs)
        first = users().order_by("date_joined").first()
        response.data = {**response.data, "id": first.pk}
        return response


@fault(
    "registration-needs-name",
    "Registration refuses to work without a field that the contract does not have.",
    breaks=f"{_OP}: the documented fields are enough",
    profiles=EVERYWHERE,
)
def _() -> None:
    @on_action("create")
    def create(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if "terms" not in raw_body(request):
            return answer(400, {"terms": ["This field is required."]})
        return original(view, request, *args, **kwargs)


@fault(
    "registration-loses-plus",
    "Registration drops what stands between the plus sign and the at sign of an address.",
    breaks=f"{_OP}: the answer repeats the address as sent",
    profiles=BY_EMAIL,
)
def _() -> None:
    from djoser.serializers import UserCreateMixin

    def create(original: Any, serializer: Any, data: Any) -> Any:
        local, at, domain = data["email"].partition("@")
        return original(serializer, {**data, "email": local.partition("+")[0] + at + domain})

    wrap(UserCreateMixin, "perform_create", create)
