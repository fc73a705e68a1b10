"""The accounts of the running process, and those that a request names."""

from typing import Any


def users() -> Any:
    """The user table."""
    from django.contrib.auth import get_user_model

    return get_user_model()._default_manager


def login_field() -> str:
    """The column that accounts log in by."""
    return str(users().model.USERNAME_FIELD)


def by_email(address: Any) -> Any:
    """The user with that e-mail address, or None."""
    return users().filter(email=address).first() if isinstance(address, str) else None


def by_login(name: Any) -> Any:
    """The users, one or none, with that login."""
    return users().filter(**{login_field(): name})


def by_uid(uid: Any) -> Any:
    """The user of a mail's uid, or None."""
    from djoser.utils import decode_uid

    try:
        return users().filter(pk=decode_uid(uid)).first()
    except Exception:
        return None


def first_user() -> Any:
    """The oldest account."""
    return users().order_by("date_joined").first()


def raw_body(request: Any) -> dict[str, Any]:
    """The request's body as a mapping; empty where it is none.

    A body that cannot be parsed raises DRF's own error, as without the fault.
    """
    data = request.data
    return dict(data.items()) if hasattr(data, "items") else {}


def sent(request: Any, field: str) -> Any:
    """What was sent for a field, or None."""
    return raw_body(request).get(field)


def json_body(request: Any) -> dict[str, Any]:
    """The JSON object that was sent, to be altered in place; an empty one that nobody reads if none."""
    return request.data if type(request.data) is dict else {}


def addressed(request: Any) -> Any:
    """The user of the `email` that was sent, or None."""
    return by_email(sent(request, "email"))


def linked(request: Any) -> Any:
    """The user of the `uid` that was sent, or None."""
    return by_uid(sent(request, "uid"))


def store(user: Any, **columns: Any) -> None:
    """Writes these columns of an account, behind the back of the object; of nobody where it is None."""
    users().filter(pk=getattr(user, "pk", None)).update(**columns)


def give_password(user: Any, password: Any) -> None:
    """Sets an account's password, and saves it."""
    user.set_password(password)
    user.save()


def uid_of(user: Any) -> str:
    """The uid by which mails name an account."""
    from djoser.utils import encode_uid

    return str(encode_uid(user.pk))


def auth_tokens() -> Any:
    """The table of auth tokens."""
    from rest_framework.authtoken.models import Token

    return Token.objects


def tokens_of(user: Any) -> Any:
    """The auth tokens of an account, one or none."""
    return auth_tokens().filter(user=user)


def mail_token(user: Any) -> str:
    """A token as Djoser's mails have it."""
    from django.contrib.auth.tokens import default_token_generator

    return str(default_token_generator.make_token(user))


def takes_token(user: Any, token: Any) -> bool:
    """Whether that is a token of a mail to this account."""
    from django.contrib.auth.tokens import default_token_generator

    return bool(default_token_generator.check_token(user, token))


def by_token(request: Any) -> bool:
    """Whether the caller came with an auth token."""
    return type(request.successful_authenticator).__name__ == "TokenAuthentication"
