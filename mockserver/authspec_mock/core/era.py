"""What depends on the versions that a deployment runs: every such difference, by name."""

from dataclasses import dataclass

from authspec_contract.profile import Versions


@dataclass(frozen=True)
class Era:
    """The behaviours of one set of versions."""

    resend_tells_unknown: bool
    """djoser < 2.2.1: resend_activation answers 400 for an unknown or active address."""
    mails_after_every_update: bool
    """djoser < 2.2: an activation mail after any change of a user."""
    login_field_looks_up: bool
    """djoser < 2.3: a token login looks for LOGIN_FIELD when no backend knows the credentials."""
    login_paths_end: bool
    """djoser 2.2.1 and 3: `jwt/createXYZ` is not found, and the slash is not optional."""
    methods_first: bool
    """djoser 3: a method that a path lacks is 405 for anybody, HEAD and OPTIONS among them."""
    expiry_is_told: bool
    """simplejwt 5.5: an expired token is told from an invalid one."""
    refresh_looks_at_user: bool
    """simplejwt 5.4: no new access token for a deleted or inactive account."""
    ids_as_text: bool
    """simplejwt 5.5: the user's id is text in every token."""
    tokens_say_when: bool
    """simplejwt 5: a token has the claim `iat`."""
    bounded_headers: bool
    """DRF 3.18: no more than 64 media types in Accept, and text charsets only."""


def era_of(versions: Versions) -> Era:
    """The behaviours of these versions."""
    since = versions.at_least
    return Era(
        resend_tells_unknown=not since("djoser", "2.2.1"),
        mails_after_every_update=not since("djoser", "2.2"),
        login_field_looks_up=not since("djoser", "2.3"),
        login_paths_end=versions.djoser == "2.2.1" or since("djoser", "3"),
        methods_first=since("djoser", "3"),
        expiry_is_told=since("simplejwt", "5.5"),
        refresh_looks_at_user=since("simplejwt", "5.4"),
        ids_as_text=since("simplejwt", "5.5"),
        tokens_say_when=since("simplejwt", "5"),
        bounded_headers=since("drf", "3.18"),
    )
