"""Which operations a profile's permissions leave to those whom the contract leaves them to."""

from authspec_contract.profile import Profile

CALLS = {
    "activation": "activation",
    "password_reset": "reset_password",
    "password_reset_confirm": "reset_password_confirm",
    "username_reset": "reset_username",
    "username_reset_confirm": "reset_username_confirm",
    "user_create": "create_user",
    "set_password": "set_password",
    "set_username": "set_username",
    "user_delete": "me_delete",
}
"""A key of PERMISSIONS → one operation that it opens or closes."""
_PUBLIC = {
    "POST users/": "user_create",
    "POST users/activation/": "activation",
    "POST users/resend_activation/": "password_reset",
    "POST users/reset_password/": "password_reset",
    "POST users/reset_password_confirm/": "password_reset_confirm",
    "POST users/reset_{login}/": "username_reset",
    "POST users/reset_{login}_confirm/": "username_reset_confirm",
    "POST token/login/": "token_create",
}
"""Operations that the contract leaves open to everybody → their key in Djoser's PERMISSIONS."""
_OWN = {
    "POST users/set_password/": "set_password",
    "POST users/set_{login}/": "set_username",
    "DELETE users/me/": "user_delete",
    "GET users/me/": "user",
    "PUT users/me/": "user",
    "PATCH users/me/": "user",
    "POST token/logout/": "token_destroy",
    "GET users/": "user_list",
}
"""Operations that the contract leaves to every account for itself."""
_FOR_ACCOUNTS = {"IsAuthenticated", "CurrentUserOrAdmin", "CurrentUserOrAdminOrReadOnly"}


def closed(operation: str | None, profile: Profile) -> str | None:
    """The permission that closes an operation to those whom the contract leaves it to."""
    if (action := _PUBLIC.get(operation or "")) and set(profile.permission(action)) != {"AllowAny"}:
        return action
    if (action := _OWN.get(operation or "")) and not set(
        profile.permission(action)
    ) <= _FOR_ACCOUNTS:
        return action
    return None


def refusing(method: str, path: str, status: int, profile: Profile) -> str | None:
    """The permission by which the profile expects this refusal; `path` is relative to the prefix."""
    if status not in {401, 403}:
        return None
    named = path.partition("?")[0].replace(f"set_{profile.user.login_field}/", "set_{login}/")
    return closed(f"{method} {named}", profile)
