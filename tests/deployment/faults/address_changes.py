"""Changes of the login name, by e-mail address above all, that go wrong."""

from typing import Any

from .accounts import by_email, first_user, give_password, login_field, sent, store, users
from .mailing import djoser_mail, sending
from .makers import created, logging_in, without_effect, works_times
from .patching import answer, on_action
from .profiles import BY_EMAIL, EVERYWHERE
from .registry import fault
from .shapes import after, around, before, refused


@fault(
    "set-email-current-unchecked",
    "A change of the address does not check the current password.",
    breaks="POST /users/set_email/: a wrong current_password is refused",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from djoser import serializers

    for name in ("SetUsernameSerializer", "SetUsernameRetypeSerializer"):
        getattr(serializers, name).validate_current_password = lambda self, value: value


@fault(
    "set-email-current-optional",
    "A change of the address works without the current password (as Djoser 2.0.2 did).",
    breaks="POST /users/set_email/: current_password is required",
    profiles=EVERYWHERE,
    steps=3,
)
def _() -> None:
    from djoser import serializers
    from rest_framework.fields import CharField

    for owner in (serializers.SetUsernameSerializer, serializers.SetUsernameRetypeSerializer):
        optional = {"current_password": CharField(required=False)}
        owner._declared_fields = {**owner._declared_fields, **optional}


@fault(
    "set-email-taken-500",
    "A change to a taken address is answered with 500.",
    breaks="POST /users/set_email/: a taken address is refused with 400",
    profiles=EVERYWHERE,
    steps=5,
)
@around("djoser.serializers.UsernameSerializer.__init__")
def _(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    field = self.fields[f"new_{login_field()}"]
    field.validators = [v for v in field.validators if not hasattr(v, "queryset")]


def _new(request: Any) -> Any:
    return sent(request, f"new_{login_field()}")


@fault(
    "set-email-takes-over",
    "A change to a taken address deletes its owner.",
    breaks="POST /users/set_email/: nobody changes another's account",
    profiles=BY_EMAIL,
    steps=6,
)
@before("set_username")
def _(request: Any) -> None:
    owner = by_email(_new(request))
    if owner is not None and request.user.is_authenticated and owner.pk != request.user.pk:
        owner.delete()


@fault(
    "set-email-ignores-retype",
    "A change of the address takes two addresses that differ.",
    breaks="POST /users/set_email/: re_new_email equals new_email",
    steps=3,
)
@around("djoser.serializers.UsernameRetypeSerializer.validate")
def _(original: Any, self: Any, attrs: Any) -> Any:
    attrs[f"re_new_{login_field()}"] = attrs[login_field()]
    return original(self, attrs)


@fault(
    "set-email-no-effect",
    "A change of the address is answered with 204 and changes nothing.",
    breaks="POST /users/set_email/: afterwards `me` shows the new address",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    without_effect("set_username")


@fault(
    "set-email-deactivates",
    "A change of the address makes the account inactive.",
    breaks="POST /users/set_email/: the account stays active",
    profiles=EVERYWHERE,
    steps=4,
)
@after("set_username")
def _(request: Any, reply: Any) -> None:
    store(request.user, is_active=False)


@fault(
    "set-email-old-still-logs-in",
    "After a change of the address, the old one still logs in.",
    breaks="POST /users/set_email/: afterwards the old address is refused at login",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    old: dict[str, Any] = {}

    @on_action("set_username")
    def set_username(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        former = request.user.get_username() if request.user.is_authenticated else ""
        reply = original(view, request, *args, **kwargs)
        old[former] = request.user.pk
        return reply

    def judge(user: Any, login: Any, password: Any) -> Any:
        if user is None and login in old:
            owner = users().filter(pk=old[login]).first()
            return owner if owner and owner.check_password(password) else None
        return user

    logging_in(judge)


@fault(
    "refused-set-email-changes",
    "A change of the address that is refused for its wrong password happens all the same.",
    breaks="POST /users/set_email/: a refused call changes nothing",
    profiles=EVERYWHERE,
    steps=4,
)
@refused("set_username")
def _(request: Any, error: Any) -> None:
    new = _new(request)
    wrong = list(getattr(error, "detail", [])) == ["current_password"]
    if wrong and isinstance(new, str) and new and request.user.is_authenticated:
        store(request.user, **{login_field(): new})


@fault(
    "set-email-invalid-accepted",
    "A change of the address takes what is no address.",
    breaks="POST /users/set_email/: an invalid address is refused",
    profiles=BY_EMAIL,
    steps=3,
)
@around("djoser.serializers.UsernameSerializer.__init__")
def _(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    from django.core.validators import EmailValidator

    original(self, *args, **kwargs)
    field = self.fields[f"new_{login_field()}"]
    field.validators = [v for v in field.validators if not isinstance(v, EmailValidator)]


@fault(
    "set-email-changes-password",
    "A change of the address makes the password useless.",
    breaks="POST /users/set_email/: nothing but the address changes",
    profiles=EVERYWHERE,
    steps=4,
)
@after("set_username")
def _(request: Any, reply: Any) -> None:
    give_password(request.user, _new(request))


@fault(
    "set-email-mails-activation",
    "A change of the address sends an activation mail that Djoser does not send.",
    breaks="POST /users/set_email/: no mail without USERNAME_CHANGED_EMAIL_CONFIRMATION",
    profiles=BY_EMAIL,
    steps=3,
)
@after("set_username")
def _(request: Any, reply: Any) -> None:
    djoser_mail("activation", request, request.user)


@fault(
    "mails-go-to-the-first-address",
    "After a change of the address, reset mails still go to the address of the registration.",
    breaks="POST /users/reset_password/: the mail goes to the account's present address",
    profiles=BY_EMAIL,
    steps=5,
)
def _() -> None:
    first: dict[Any, str] = {}

    @on_action("set_username")
    def set_username(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        former = getattr(request.user, "email", "")
        reply = original(view, request, *args, **kwargs)
        first.setdefault(request.user.pk, former)
        return reply

    def change(send: Any, mail: Any, to: Any) -> None:
        send([first.get(mail.context["user"].pk, to[0])])

    sending("PasswordResetEmail", change)


@fault(
    "set-email-of-first-user",
    "A change of the address hits the oldest account.",
    breaks="POST /users/set_email/: nobody changes another's account",
    profiles=EVERYWHERE,
    steps=6,
)
@around("djoser.views.UserViewSet.set_username")
def _(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    view.get_serializer(data=request.data).is_valid(raise_exception=True)
    store(first_user(), **{login_field(): _new(request)})
    return answer(204)


@fault(
    "old-address-stays-taken",
    "After a change of the address, the old one cannot be registered again.",
    breaks="POST /users/: an address that was given up is free",
    profiles=BY_EMAIL,
    steps=5,
)
def _() -> None:
    given_up: set[str] = set()

    @on_action("set_username")
    def set_username(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        before = getattr(request.user, "email", "")
        response = original(view, request, *args, **kwargs)
        given_up.add(before)
        return response

    @on_action("create")
    def create(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if str(sent(request, "email")) in given_up:
            return answer(400, {"email": ["user with this email address already exists."]})
        return original(view, request, *args, **kwargs)


@fault(
    "set-email-200",
    "A change of the address is answered with 200 and the user.",
    breaks="POST /users/set_email/: 204 without a body",
    profiles=EVERYWHERE,
    steps=3,
)
@after("set_username")
def _(request: Any, reply: Any) -> Any:
    return answer(200, {"id": request.user.pk, "email": request.user.email})


@fault(
    "set-email-takes-inactive-address",
    "set_email takes the address of an inactive account, which is gone then.",
    breaks="POST /users/set_email/: a taken address is a 400",
    steps=5,
)
@before("set_username")
def _(request: Any) -> None:
    owner = by_email(sent(request, "new_email"))
    if owner and not owner.is_active:
        owner.delete()


@fault(
    "set-email-loses-plus",
    "set_email drops what stands between a plus and the @.",
    breaks="POST /users/set_email/: the address is kept as it was typed",
    steps=4,
)
@after("set_username")
def _(request: Any, reply: Any) -> None:
    local, at, domain = sent(request, "new_email").partition("@")
    store(request.user, email=local.partition("+")[0] + at + domain)


@fault(
    "set-email-lowercases",
    "set_email stores the address in lower case.",
    breaks="POST /users/set_email/: the address is kept as it was typed",
    steps=4,
)
@after("set_username")
def _(request: Any, reply: Any) -> None:
    store(request.user, email=sent(request, "new_email").lower())


@fault(
    "second-address-change-refused",
    "An account can change its address only once.",
    breaks="POST /users/set_email/: two changes one after the other work",
    profiles=BY_EMAIL,
    steps=5,
)
def _() -> None:
    def refusal() -> Any:
        return answer(400, {"new_email": ["The address was changed before."]})

    works_times(1, "set_username", lambda request: request.user.pk, refusal)


@fault(
    "address-change-keeps-first-password",
    "After a change of the address, the password of the registration logs in again.",
    breaks="POST /users/set_email/: nothing but the address changes",
    profiles=BY_EMAIL,
    steps=7,
)
def _() -> None:
    first: dict[Any, str] = {}
    created(lambda user, sent: first.update({user.pk: user.password}))

    @on_action("set_username")
    def set_username(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        reply = original(view, request, *args, **kwargs)
        store(request.user, password=first[request.user.pk])
        return reply
