"""Registrations that go wrong."""

from typing import Any

from .accounts import mail_token, raw_body, sent, users
from .patching import answer, wrap
from .registry import BY_EMAIL, EVERYWHERE, fault
from .shapes import after, around, before, created, judged_by

_OP = "POST /users/"


@fault(
    "registers-staff",
    "Registration writes is_staff and is_superuser when the client sends them.",
    breaks=f"{_OP}: fields that are not in the contract are ignored",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    def do(user: Any, sent: Any) -> None:
        user.is_staff = user.is_staff or bool(sent.get("is_staff"))
        user.is_superuser = user.is_superuser or bool(sent.get("is_superuser"))

    created(do)


@fault(
    "registers-active-on-request",
    "Registration takes is_active from the client, so that nobody has to open the mail.",
    breaks=f"{_OP}: an account is inactive until its link is opened",
    steps=2,
)
def _() -> None:
    def do(user: Any, sent: Any) -> None:
        user.is_active = user.is_active or bool(sent.get("is_active"))

    created(do)


@fault(
    "registration-echoes-password",
    "The answer to a registration repeats the password in clear.",
    breaks=f"{_OP}: the answer holds no password",
    profiles=EVERYWHERE,
)
@after("create")
def _(request: Any, reply: Any) -> None:
    reply.data = {**reply.data, "password": sent(request, "password")}


@fault(
    "registration-leaks-hash",
    "The answer to a registration holds the password's hash.",
    breaks=f"{_OP}: the answer has exactly the fields of the contract",
    profiles=EVERYWHERE,
)
@after("create")
def _(request: Any, reply: Any) -> None:
    user = users().get(pk=reply.data["id"])
    reply.data = {**reply.data, "password": user.password}


@fault(
    "registration-leaks-activation-token",
    "The answer to a registration holds the uid and token of the activation link.",
    breaks=f"{_OP}: the link's secrets go out by mail only",
)
@after("create")
def _(request: Any, reply: Any) -> None:
    from djoser.utils import encode_uid

    user = users().get(pk=reply.data["id"])
    reply.data = {**reply.data, "uid": encode_uid(user.pk), "token": mail_token(user)}


@fault(
    "registration-200",
    "A registration is answered with 200.",
    breaks=f"{_OP}: 201 Created",
    profiles=EVERYWHERE,
)
@after("create")
def _(request: Any, reply: Any) -> None:
    reply.status_code = 200


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
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.fields["re_password"].required = False

    def validate(original: Any, self: Any, attrs: Any) -> Any:
        attrs.setdefault("re_password", attrs["password"])
        return original(self, attrs)

    wrap("djoser.serializers.UserCreatePasswordRetypeSerializer.__init__", init)
    wrap("djoser.serializers.UserCreatePasswordRetypeSerializer.validate", validate)


@fault(
    "registration-active-at-once",
    "An account is active before its activation link is opened.",
    breaks=f"{_OP}: an account is inactive until its link is opened",
    steps=2,
)
def _() -> None:
    created(lambda user, sent: setattr(user, "is_active", True))


@fault(
    "registration-without-validators",
    "Registration takes weak passwords.",
    breaks=f"{_OP}: Django's password validators apply",
    profiles=EVERYWHERE,
)
def _() -> None:
    judged_by(lambda password, user=None: None, "UserCreateSerializer")


@fault(
    "registration-without-similarity",
    "Registration validates the password without the user, so that one like the e-mail passes.",
    breaks=f"{_OP}: UserAttributeSimilarityValidator applies",
    profiles=EVERYWHERE,
)
def _() -> None:
    from djoser.serializers import validate_password

    judged_by(lambda password, user=None: validate_password(password), "UserCreateSerializer")


@fault(
    "registration-lowercases-email",
    "Registration stores the whole address in lower case.",
    breaks=f"{_OP}: the answer repeats the address as sent; only its domain is lowered",
    profiles=BY_EMAIL,
)
@around("djoser.serializers.UserCreateMixin.perform_create")
def _(original: Any, serializer: Any, data: Any) -> Any:
    return original(serializer, {**data, "email": data["email"].lower()})


@fault(
    "registration-stores-plain-password",
    "Registration saves the password in clear, so that nobody can log in.",
    breaks=f"{_OP}: the new account can log in with its password",
    profiles=EVERYWHERE,
    steps=2,
)
@around("djoser.serializers.UserCreateMixin.perform_create")
def _(original: Any, serializer: Any, data: Any) -> Any:
    user = original(serializer, data)
    user.password = data["password"]
    user.save()
    return user


@fault(
    "second-registration-gets-first-id",
    "From the second registration on, the answer names the id of the first account.",
    breaks=f"{_OP}: the answer is what `me` shows later",
    profiles=EVERYWHERE,
    steps=3,
)
@after("create")
def _(request: Any, reply: Any) -> None:
    first = users().order_by("date_joined").first()
    reply.data = {**reply.data, "id": first.pk}


@fault(
    "registration-needs-name",
    "Registration refuses to work without a field that the contract does not have.",
    breaks=f"{_OP}: the documented fields are enough",
    profiles=EVERYWHERE,
)
@before("create")
def _(request: Any) -> Any:
    if "terms" not in raw_body(request):
        return answer(400, {"terms": ["This field is required."]})
    return None


@fault(
    "registration-loses-plus",
    "Registration drops what stands between the plus sign and the at sign of an address.",
    breaks=f"{_OP}: the answer repeats the address as sent",
    profiles=BY_EMAIL,
)
@around("djoser.serializers.UserCreateMixin.perform_create")
def _(original: Any, serializer: Any, data: Any) -> Any:
    local, at, domain = data["email"].partition("@")
    return original(serializer, {**data, "email": local.partition("+")[0] + at + domain})
