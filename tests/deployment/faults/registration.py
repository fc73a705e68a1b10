"""Registrations that go wrong."""

from collections import Counter
from typing import Any

from .accounts import first_user, json_body, mail_token, raw_body, sent, uid_of, users
from .makers import created, judged_by
from .patching import answer, on_action, replaced, wrap
from .profiles import BY_EMAIL, EVERYWHERE, MANY_FIELDS
from .registry import fault
from .shapes import after, answers, around, before


@fault(
    "registers-staff",
    "Registration writes is_staff and is_superuser when the client sends them.",
    breaks="POST /users/: fields that are not in the contract are ignored",
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
    breaks="POST /users/: an account is inactive until its link is opened",
    steps=2,
)
def _() -> None:
    def do(user: Any, sent: Any) -> None:
        user.is_active = user.is_active or bool(sent.get("is_active"))

    created(do)


@fault(
    "registration-echoes-password",
    "The answer to a registration repeats the password in clear.",
    breaks="POST /users/: the answer holds no password",
    profiles=EVERYWHERE,
)
@after("create")
def _(request: Any, reply: Any) -> None:
    reply.data = {**reply.data, "password": sent(request, "password")}


@fault(
    "registration-leaks-hash",
    "The answer to a registration holds the password's hash.",
    breaks="POST /users/: the answer has exactly the fields of the contract",
    profiles=EVERYWHERE,
)
@after("create")
def _(request: Any, reply: Any) -> None:
    user = users().get(pk=reply.data["id"])
    reply.data = {**reply.data, "password": user.password}


@fault(
    "registration-leaks-activation-token",
    "The answer to a registration holds the uid and token of the activation link.",
    breaks="POST /users/: the link's secrets go out by mail only",
)
@after("create")
def _(request: Any, reply: Any) -> None:
    user = users().get(pk=reply.data["id"])
    reply.data = {**reply.data, "uid": uid_of(user), "token": mail_token(user)}


@fault(
    "registration-200",
    "A registration is answered with 200.",
    breaks="POST /users/: 201 Created",
    profiles=EVERYWHERE,
)
@after("create")
def _(request: Any, reply: Any) -> None:
    reply.status_code = 200


@fault(
    "registration-ignores-re-password",
    "Registration takes two passwords that differ.",
    breaks="POST /users/: re_password equals password",
    profiles=BY_EMAIL,
)
def _() -> None:
    from djoser.serializers import UserCreateSerializer

    def validate(self: Any, attrs: Any) -> Any:
        self.fields.pop("re_password", None)
        attrs.pop("re_password", None)
        return UserCreateSerializer.validate(self, attrs)

    replaced("djoser.serializers.UserCreatePasswordRetypeSerializer.validate", validate)


@fault(
    "registration-re-password-optional",
    "Registration works without re_password, and checks it only when it is sent.",
    breaks="POST /users/: re_password is required",
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
    breaks="POST /users/: an account is inactive until its link is opened",
    steps=2,
)
def _() -> None:
    created(lambda user, sent: setattr(user, "is_active", True))


@fault(
    "registration-without-validators",
    "Registration takes weak passwords.",
    breaks="POST /users/: Django's password validators apply",
    profiles=EVERYWHERE,
)
def _() -> None:
    judged_by(lambda password, user=None: None, "UserCreateSerializer")


@fault(
    "registration-without-similarity",
    "Registration validates the password without the user, so that one like the e-mail passes.",
    breaks="POST /users/: UserAttributeSimilarityValidator applies",
    profiles=EVERYWHERE,
)
def _() -> None:
    from djoser.serializers import validate_password

    judged_by(lambda password, user=None: validate_password(password), "UserCreateSerializer")


@fault(
    "registration-lowercases-email",
    "Registration stores the whole address in lower case.",
    breaks="POST /users/: the answer repeats the address as sent; only its domain is lowered",
    profiles=BY_EMAIL,
)
@around("djoser.serializers.UserCreateMixin.perform_create")
def _(original: Any, serializer: Any, data: Any) -> Any:
    return original(serializer, {**data, "email": data["email"].lower()})


@fault(
    "registration-stores-plain-password",
    "Registration saves the password in clear, so that nobody can log in.",
    breaks="POST /users/: the new account can log in with its password",
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
    breaks="POST /users/: the answer is what `me` shows later",
    profiles=EVERYWHERE,
    steps=3,
)
@after("create")
def _(request: Any, reply: Any) -> None:
    reply.data = {**reply.data, "id": first_user().pk}


@fault(
    "registration-needs-name",
    "Registration refuses to work without a field that the contract does not have.",
    breaks="POST /users/: the documented fields are enough",
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
    breaks="POST /users/: the answer repeats the address as sent",
    profiles=BY_EMAIL,
)
@around("djoser.serializers.UserCreateMixin.perform_create")
def _(original: Any, serializer: Any, data: Any) -> Any:
    local, at, domain = data["email"].partition("@")
    return original(serializer, {**data, "email": local.partition("+")[0] + at + domain})


@fault(
    "registration-answers-lower-case",
    "A registration shows the address in lower case, and stores it as it was typed.",
    breaks="POST /users/: the answer shows the address",
)
@answers(201, "create")
def _(request: Any, reply: Any) -> None:
    reply.data = {**reply.data, "email": reply.data["email"].lower()}


@fault(
    "registration-keeps-domain-case",
    "A registration stores the capitals of the address's domain.",
    breaks="POST /users/: create_user normalizes the domain",
)
def _() -> None:
    replaced(
        "django.contrib.auth.base_user.BaseUserManager.normalize_email",
        classmethod(lambda cls, email: email or ""),
    )


@fault(
    "long-password-refused",
    "A registration refuses a password of more than 50 characters.",
    breaks="POST /users/: the validators of the profile have no maximum",
)
@before("create")
def _(request: Any) -> Any:
    typed = sent(request, "password")
    if isinstance(typed, str) and len(typed) > 50:  # a house may stop at 64
        return answer(400, {"password": ["This password is too long."]})
    return None


@fault(
    "registration-not-saved",
    "A registration is answered with 201 and mailed, and the account is not kept.",
    breaks="POST /users/: the new account can log in with its password",
    profiles=EVERYWHERE,
    steps=2,
)
@after("create")
def _(request: Any, reply: Any) -> None:
    users().filter(pk=reply.data["id"]).delete()


@fault(
    "fourth-registration-refused",
    "Every fourth good registration is refused.",
    breaks="POST /users/: a good registration is a 201",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    count = Counter[str]()

    @on_action("create")
    def create(original: Any, view: Any, request: Any, **kw: Any) -> Any:
        reply = original(view, request, **kw)
        count["made"] += 1
        if count["made"] % 4 == 0:
            users().order_by("-pk").first().delete()
            return answer(400, {"non_field_errors": ["Try again."]})
        return reply


@fault(
    "registration-without-title",
    "A registration that lacks its title gets one.",
    breaks="POST /users/: a missing required field is a 400",
    profiles=MANY_FIELDS,
)
@before("create")
def _(request: Any) -> None:
    if "password" in json_body(request):
        json_body(request).setdefault("title", "untitled")
