"""What goes wrong when accounts come, go and come again, or do the same thing twice."""

from typing import Any

from .accounts import addressed, by_login, give_password, linked, mail_token, sent, store, users
from .patching import answer, on_action, wrap
from .registry import BY_EMAIL, EVERYWHERE, fault
from .shapes import after, before, created, deleting, logging_in, works_times


@fault(
    "ids-are-reused",
    "A new account gets the id of a deleted one, so that old tokens open it.",
    breaks="DELETE /users/me/: afterwards the account's credentials are refused",
    profiles=EVERYWHERE,
    steps=6,
)
def _() -> None:
    free: list[Any] = []

    def create(original: Any, serializer: Any, data: Any) -> Any:
        if free:
            data = {**data, "id": free.pop()}
        return original(serializer, data)

    deleting(lambda user: free.append(user.pk))
    wrap("djoser.serializers.UserCreateMixin.perform_create", create)


@fault(
    "login-is-cached",
    "For a minute after a login, the account logs in with any password.",
    breaks="POST /jwt/create/: a wrong password is refused",
    profiles=EVERYWHERE,
    steps=4,
)
def _() -> None:
    import time

    fresh: dict[str, float] = {}

    def judge(user: Any, login: Any, password: Any) -> Any:
        if user is not None:
            fresh[login] = time.monotonic() + 60
        elif fresh.get(login, 0) > time.monotonic():
            return by_login(login).filter(is_active=True).first()
        return user

    logging_in(judge)


@fault(
    "former-token-for-the-heir",
    "Who registers a deleted login again gets the deleted account's auth token.",
    breaks="POST /token/login/: a new account gets a token of its own",
    profiles=EVERYWHERE,
    steps=7,
)
def _() -> None:
    keys: dict[str, str] = {}

    def save(original: Any, token: Any, *args: Any, **kwargs: Any) -> Any:
        name = token.user.get_username()
        if not token.key:
            token.key = keys.get(name, "") or token.generate_key()
        keys[name] = token.key
        return original(token, *args, **kwargs)

    wrap("rest_framework.authtoken.models.Token.save", save)


@fault(
    "second-reset-link-is-dead",
    "The link of an account's second password reset does not work.",
    breaks="POST /users/reset_password_confirm/: a second reset works as the first did",
    profiles=EVERYWHERE,
    steps=7,
)
def _() -> None:
    def refusal() -> Any:
        return answer(400, {"token": ["Invalid token for given user."]})

    works_times(1, "reset_password_confirm", linked, refusal)


@fault(
    "resend-kills-the-first-link",
    "After a resend, the link of the first activation mail does not work any more.",
    breaks="POST /users/activation/: every link that was mailed works until one was used",
    steps=4,
    level="should",
)
@before("resend_activation")
def _(request: Any) -> None:
    user = addressed(request)
    if user is not None and not user.is_active:
        # the token is made of the last login, too
        store(user, last_login="2000-01-01T00:00:00Z")


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
    "heir-keeps-the-old-reset-link",
    "A reset link of a deleted account works for the account that has its login afterwards.",
    breaks="DELETE /users/me/: afterwards the account's reset links are dead",
    profiles=EVERYWHERE,
    steps=8,
)
def _() -> None:
    from djoser.utils import encode_uid

    gone: dict[str, str] = {}
    tokens: dict[str, str] = {}
    deleting(lambda user: gone.update({encode_uid(user.pk): user.get_username()}))

    @on_action("reset_password")
    def reset(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        user = addressed(request)
        if user is not None and user.is_active:
            tokens[mail_token(user)] = user.get_username()
        return original(view, request, *args, **kwargs)

    @on_action("reset_password_confirm")
    def confirm(original: Any, view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        name = gone.get(str(sent(request, "uid")))
        heir = by_login(name).first() if name else None
        if heir is None or tokens.get(str(sent(request, "token"))) != name:
            return original(view, request, *args, **kwargs)
        give_password(heir, sent(request, "new_password"))
        return answer(204)


@fault(
    "change-of-one-logs-out-all",
    "A password change ends the auth tokens of every account.",
    breaks="POST /users/set_password/: nobody changes another's account",
    profiles=EVERYWHERE,
    steps=7,
)
@after("set_password")
def _(request: Any, reply: Any) -> None:
    from rest_framework.authtoken.models import Token

    Token.objects.exclude(user=request.user).delete()


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
