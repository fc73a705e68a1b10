"""Djoser's UserViewSet, action by action (djoser/views.py and serializers.py 2.3)."""

from typing import TYPE_CHECKING, Any, NoReturn

from authspec_mock.core.accounts import Taken, User
from authspec_mock.core.call import NO_CONTENT, Call, Reply
from authspec_mock.core.part import Part
from authspec_mock.core.rejections import Forbidden, Invalid, NotFound, Unauthenticated
from authspec_mock.core.tickets import decode_uid

if TYPE_CHECKING:
    from authspec_contract.profile import DjoserSettings
    from authspec_mock.core.forms import Form

_ANONYMOUS = {"id": None, "username": "", "is_staff": False, "is_active": False}
"""What AnonymousUser has (django/contrib/auth/models.py)."""
INVALID_UID = "Invalid user id or user doesn't exist."
INVALID_TOKEN = "Invalid token for given user."
PASSWORD_MISMATCH = "The two password fields didn't match."


class Users(Part):
    """What each user endpoint does, once its permissions and its method are settled."""

    @property
    def settings(self) -> "DjoserSettings":
        return self.world.profile.djoser

    # --- registration -----------------------------------------------------------------------------

    def create(self, call: Call) -> Reply:
        values = self.world.forms.create.clean(self.world.body(call))
        self.check_registration(values)
        values.pop("re_password", None)
        user = self.new_user(values)
        self.mail_after_registration(call, user)
        return Reply(201, self.registered(user))

    def check_registration(self, values: dict[str, Any]) -> None:
        """The password against the validators first, then against its repetition."""
        complaints = self.world.password_rules.complaints(values["password"], values.get)
        if complaints:
            raise Invalid({"password": complaints})
        if self.settings.USER_CREATE_PASSWORD_RETYPE:
            self.check_retyped(values["password"], values["re_password"])

    def check_retyped(self, password: str, again: str) -> None:
        if password != again:
            raise Invalid({"non_field_errors": [PASSWORD_MISMATCH]})

    def new_user(self, values: dict[str, Any]) -> User:
        password = values.pop("password")
        accounts = self.world.accounts
        try:
            user = accounts.add(accounts.normalized(values))
        except Taken:
            # Equal only once normalised: Djoser fails outside the serializer, with a bare list
            raise Invalid(["Unable to create account."]) from None
        self.world.passwords.set(user, password)
        user.is_active = self.active_at_once()
        return user

    def active_at_once(self) -> bool:
        return not self.settings.SEND_ACTIVATION_EMAIL

    def mail_after_registration(self, call: Call, user: User) -> None:
        if self.settings.SEND_ACTIVATION_EMAIL:
            self.world.mailer.send(call, "activation", user)
        elif self.settings.SEND_CONFIRMATION_EMAIL:
            self.world.mailer.send(call, "confirmation", user)

    def registered(self, user: User) -> dict[str, Any]:
        return self.world.forms.create.show(user)

    # --- activation -------------------------------------------------------------------------------

    def activation(self, call: Call) -> Reply:
        data = self.world.body(call)
        self.world.forms.activation.clean(data)
        user = self.user_of_link(call, data, "activation")
        if user.is_active:
            self.activated_before()
        self.activate(user)
        if self.settings.SEND_CONFIRMATION_EMAIL:
            self.world.mailer.send(call, "confirmation", user)
        return NO_CONTENT

    def activated_before(self) -> None:
        raise Forbidden("Stale token for given user.")

    def activate(self, user: User) -> None:
        user.is_active = True

    def resend_activation(self, call: Call) -> Reply:
        values = self.world.forms.email.clean(self.world.body(call))
        user = self.user_of_email(values, is_active=False)
        tells = user is None and self.world.era.resend_tells_unknown
        if tells or not self.settings.SEND_ACTIVATION_EMAIL:
            return Reply(400)
        if user is not None:
            self.world.mailer.send(call, "activation", user)
        return NO_CONTENT

    # --- links ------------------------------------------------------------------------------------

    def user_of_link(self, call: Call, data: Any, purpose: str) -> User:
        """The user of a body's uid, once its token was checked. Raises Invalid.

        UidAndTokenSerializer.validate reads the raw body: neither value is trimmed.
        """
        user = self.user_of_uid(data.get("uid", ""))
        if user is None:
            raise Invalid({"uid": [INVALID_UID]})
        if not self.world.tickets.fits(user, data.get("token", ""), call.now, purpose):
            raise Invalid({"token": [INVALID_TOKEN]})
        return user

    def user_of_uid(self, uid: Any) -> User | None:
        if not isinstance(uid, str):
            return None  # the real one fails with 500 on a number, whose `encode` it calls
        try:
            pk = decode_uid(uid)
        except ValueError:
            return None
        try:
            return self.world.accounts.with_id(pk)
        except ValueError:
            if not self.world.accounts.uuid_ids:
                return None
            # Django's UUIDField complains in its own words, and Djoser lets them through
            message = f"“{pk}” is not a valid UUID."
            raise Invalid({"non_field_errors": [message]}) from None

    def user_of_email(self, values: dict[str, Any], *, is_active: bool) -> User | None:
        """Whom a mail goes to; None: nobody (UserFunctionsMixin.get_user)."""
        accounts = self.world.accounts
        found = accounts.with_email(values[accounts.email_field], is_active=is_active)
        if len(found) == 1 and self.world.passwords.is_usable(found[0]):
            return found[0]
        if len(found) > 1:
            # The real one fails with 500 here (MultipleObjectsReturned)
            return None
        if (
            self.settings.PASSWORD_RESET_SHOW_EMAIL_NOT_FOUND
            or self.settings.USERNAME_RESET_SHOW_EMAIL_NOT_FOUND
        ):
            self.unknown_email()
        return None

    def unknown_email(self) -> NoReturn:
        raise Invalid(["User with given email does not exist."])

    # --- passwords --------------------------------------------------------------------------------

    def set_password(self, call: Call) -> Reply:
        values = self.clean_with_password(call, self.world.forms.set_password)
        user = call.actor
        self.check_new_password(values, user, self.settings.SET_PASSWORD_RETYPE)
        self.change_password(user, values["new_password"])
        if self.settings.PASSWORD_CHANGED_EMAIL_CONFIRMATION:
            self.world.mailer.send(call, "password_changed", user)
        if self.settings.LOGOUT_ON_PASSWORD_CHANGE:
            self.log_out(call, user)
        elif self.settings.CREATE_SESSION_ON_LOGIN:
            call.session.keep_after_password_change(user)
        return NO_CONTENT

    def clean_with_password(self, call: Call, form: "Form") -> dict[str, Any]:
        """A body with the current password in it, which is judged among the fields."""

        def judge(password: str) -> str | None:
            return None if self.is_current_password(call.actor, password) else "Invalid password."

        return form.clean(self.world.body(call), judges={"current_password": judge})

    def is_current_password(self, user: User, password: str) -> bool:
        return self.world.passwords.matches(user, password)

    def check_new_password(self, values: dict[str, Any], user: User | None, retype: bool) -> None:
        attributes = None if user is None else user.get
        complaints = self.world.password_rules.complaints(values["new_password"], attributes)
        if complaints:
            raise Invalid({"new_password": complaints})
        if retype:
            self.check_retyped(values["new_password"], values["re_new_password"])

    def change_password(self, user: User, password: str) -> None:
        self.world.passwords.set(user, password)

    def log_out(self, call: Call, user: User) -> None:
        """djoser/utils.py logout_user: the one token of the user, and the session."""
        if self.settings.TOKEN_MODEL:
            self.world.state.drop_token_of(user.id)
        if self.settings.CREATE_SESSION_ON_LOGIN:
            call.session.flush()

    def reset_password(self, call: Call) -> Reply:
        values = self.world.forms.email.clean(self.world.body(call))
        user = self.user_of_email(values, is_active=True)
        if user is not None:
            self.send_reset(call, user)
        return NO_CONTENT

    def send_reset(self, call: Call, user: User) -> None:
        self.world.mailer.send(call, "password_reset", user)

    def reset_password_confirm(self, call: Call) -> Reply:
        data = self.world.body(call)
        values = self.world.forms.reset_password.clean(data)
        # PasswordSerializer.validate runs before the uid is read: the password is compared with
        # the caller's attributes, not with those of the user it will belong to
        self.check_new_password(values, call.user, self.settings.PASSWORD_RESET_CONFIRM_RETYPE)
        user = self.user_of_link(call, data, "password_reset")
        self.reset_to(call, user, values["new_password"])
        if self.settings.PASSWORD_CHANGED_EMAIL_CONFIRMATION:
            self.world.mailer.send(call, "password_changed", user)
        return NO_CONTENT

    def reset_to(self, call: Call, user: User, password: str) -> None:
        self.change_password(user, password)
        user.last_login = call.now

    # --- the login field --------------------------------------------------------------------------

    def set_username(self, call: Call) -> Reply:
        values = self.clean_with_password(call, self.world.forms.set_login)
        user = call.actor
        self.check_retyped_login(values, self.settings.SET_USERNAME_RETYPE)
        self.change_login(user, self.new_login(values))
        if self.settings.USERNAME_CHANGED_EMAIL_CONFIRMATION:
            self.world.mailer.send(call, "username_changed", user)
        return NO_CONTENT

    def check_retyped_login(self, values: dict[str, Any], retype: bool) -> None:
        field = self.world.profile.login_field
        if retype and values.get(field) != values[f"re_new_{field}"]:
            message = f"The two {field} fields didn't match."
            raise Invalid({"non_field_errors": [message]})

    def new_login(self, values: dict[str, Any]) -> Any:
        """The new value for `USERNAME_FIELD`; with another LOGIN_FIELD the real one fails with 500."""
        login = self.world.profile.user.login_field
        if login != self.world.profile.login_field:
            raise Invalid({f"new_{login}": ["This field is required."]})
        return values[login]

    def change_login(self, user: User, login: Any) -> None:
        self.world.accounts.set(user, self.world.accounts.login_field, login)

    def reset_username(self, call: Call) -> Reply:
        values = self.world.forms.email.clean(self.world.body(call))
        user = self.user_of_email(values, is_active=True)
        if user is not None:
            self.world.mailer.send(call, "username_reset", user)
        return NO_CONTENT

    def reset_username_confirm(self, call: Call) -> Reply:
        data = self.world.body(call)
        values = self.world.forms.reset_login.clean(data)
        self.check_retyped_login(values, self.settings.USERNAME_RESET_CONFIRM_RETYPE)
        user = self.user_of_link(call, data, "username_reset")
        self.change_login(user, self.new_login(values))
        user.last_login = call.now
        if self.settings.USERNAME_CHANGED_EMAIL_CONFIRMATION:
            self.world.mailer.send(call, "username_changed", user)
        return NO_CONTENT

    # --- me ---------------------------------------------------------------------------------------

    def me(self, call: Call) -> Reply:
        if call.method == "DELETE":
            return self.delete(call, None if call.user is None else self.myself(call))
        if call.method in ("PUT", "PATCH"):
            user = None if call.user is None else self.myself(call)
            return self.change(call, user, partial=call.method == "PATCH")
        if call.user is None:
            return Reply(200, self.nobody())
        return Reply(200, self.shown(self.myself(call)))

    def myself(self, call: Call) -> User:
        """Whom `me` is about."""
        return call.actor

    def nobody(self) -> dict[str, Any]:
        """Where a profile lets anonymous callers see `me`: Django's AnonymousUser.

        A field that it lacks is left out, or null; a required one makes the real one fail with 500.
        """
        shown: dict[str, Any] = {}
        for field in self.world.forms.user.read:
            if field.source in _ANONYMOUS:
                shown[field.name] = _ANONYMOUS[field.source]
            elif field.allow_null:
                shown[field.name] = None
            elif field.required:
                raise Unauthenticated
        return shown

    def shown(self, user: User) -> dict[str, Any]:
        return self.world.forms.user.show(user)

    def change(self, call: Call, user: User | None, *, partial: bool) -> Reply:
        values = self.world.forms.user.clean(self.world.body(call), partial=partial, about=user)
        user = user or call.actor
        self.store(user, values, own=self.has_own_update(call))
        if self.settings.SEND_ACTIVATION_EMAIL and self.mails_after_update(user):
            self.world.mailer.send(call, "activation", user)
        return Reply(200, self.shown(user))

    def store(self, user: User, values: dict[str, Any], *, own: bool) -> None:
        """UserSerializer.update: another address has to be activated anew."""
        accounts = self.world.accounts
        email = accounts.email_field
        changed = email in values and values[email] != user.get(email)
        if changed and own and self.settings.SEND_ACTIVATION_EMAIL:
            user.is_active = False
        for name, value in values.items():
            accounts.set(user, name, value)

    def has_own_update(self, call: Call) -> bool:
        """Whether Djoser's UserSerializer is in use, not a plain one of the project."""
        name = "current_user" if call.action == "me" else "user"
        return self.settings.SERIALIZERS.get(name, "djoser.").startswith("djoser.")

    def mails_after_update(self, user: User) -> bool:
        return not user.is_active or self.world.era.mails_after_every_update

    def delete(self, call: Call, user: User | None) -> Reply:
        self.clean_with_password(call, self.world.forms.delete)
        user = user or call.actor
        if user is call.user:
            self.log_out(call, user)
        self.remove(user)
        return NO_CONTENT

    def remove(self, user: User) -> None:
        self.world.state.drop_token_of(user.id)
        self.world.accounts.remove(user)

    # --- other users ------------------------------------------------------------------------------

    def list_users(self, call: Call) -> Reply:
        users = self.visible(call)
        return Reply(200, [self.shown(user) for user in users])

    def visible(self, call: Call) -> list[User]:
        """HIDE_USERS: only staff see anybody but themselves."""
        if self.settings.HIDE_USERS and not (call.user is not None and call.user.is_staff):
            return [] if call.user is None else [call.user]
        everybody = list(self.world.accounts)
        return everybody if self.world.accounts.uuid_ids else sorted(everybody, key=_by_id)

    def retrieve(self, call: Call) -> Reply:
        return Reply(200, self.shown(self.found(call)))

    def update(self, call: Call) -> Reply:
        return self.change(call, self.found(call), partial=False)

    def partial_update(self, call: Call) -> Reply:
        return self.change(call, self.found(call), partial=True)

    def destroy(self, call: Call) -> Reply:
        return self.delete(call, self.found(call))

    def found(self, call: Call) -> User:
        """The user in the path. Raises Rejection where there is none, or not for this caller."""
        user = self.in_path(call.arguments["id"])
        if not self.world.permissions.allow_object(call, user):
            self.refuse(call)
        return user

    def in_path(self, text: str) -> User:
        lookup = self.settings.USER_ID_FIELD
        if lookup != "id":
            user = next((u for u in self.world.accounts if u.get(lookup) == text), None)
        else:
            try:
                user = self.world.accounts.with_id(text)
            except ValueError:
                raise NotFound from None
        if user is None:
            raise NotFound("No User matches the given query.")
        return user

    def refuse(self, call: Call) -> NoReturn:
        self.world.permissions.refuse(call)


def _by_id(user: User) -> Any:
    return user.id
