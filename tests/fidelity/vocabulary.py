"""What a client may send: good requests that build on each other, each with a chance to be odd."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from urllib.parse import quote_plus

from authspec_contract.profile import Profile

from . import odd
from .memory import Memory
from .step import Step

T = TypeVar("T")
GOOD_PASSWORDS = ("rote-Katze-17", "blauer Hund 23!", "grünes Pferd ✓ 5")
MISSING = object()
"""A field that is left out."""


_FOR_KNOWN = {
    "me", "patch", "set_password", "set_login", "delete", "listing", "detail", "change_detail",
    "delete_detail", "logout",
}  # fmt: skip
"""Actions that lead nowhere without a login."""


class Choice(Protocol):
    """Where decisions come from: a random generator, or Hypothesis."""

    def pick(self, options: Sequence[T]) -> T: ...

    def chance(self, percent: int) -> bool: ...


@dataclass
class Person:
    """What the walk believes of one account; beliefs only steer, they are never compared."""

    login: str
    email: str
    password: str = GOOD_PASSWORDS[0]
    tokens: dict[str, str] = field(default_factory=dict)
    """Kind of secret → its newest name."""
    id: str = ""
    """Whether it was registered: any text."""
    active: bool = False


Learn = Callable[[int], None]
"""Told the status that both sides gave."""


class Vocabulary:
    """Makes steps for a profile."""

    def __init__(self, profile: Profile, choice: Choice, memory: Callable[[], Memory]) -> None:
        self.profile = profile
        self._choice = choice
        self._memory = memory
        self._prefix = profile.prefix
        self.login = profile.user.login_field
        self.email = profile.user.email_field
        by_email = self.login == self.email
        self.people = [
            Person(f"{name}@example.com" if by_email else name, f"{name}@example.com")
            for name in ("ann", "bob", "Cay.d+x")
        ]
        self.learn: Learn = lambda status: None
        self.operation = ""
        """What the last step tried, for the coverage."""
        self._actions = self._all_actions()

    def step(self) -> Step:
        """The next request; `learn` is to be told how it went."""
        self.learn = lambda status: None
        if self._choice.chance(12):
            return self._odd_request()
        if self._choice.chance(3):
            return self._administer()
        person = self._choice.pick(self.people)
        self.operation = self._choice.pick(self._actions)
        if self.operation in _FOR_KNOWN and not person.tokens and self._choice.chance(70):
            self.operation = self._way_in(person)
        made: Step = getattr(self, f"_{self.operation}")(person)
        return made

    def _way_in(self, person: Person) -> str:
        """What an account needs next before it can do anything: to be there, active, logged in."""
        if person.id == "":
            return "register"
        if self._activates() and not person.active and self._choice.chance(60):
            return "activation"
        ways = [
            name
            for name, module in (("jwt_create", "jwt"), ("token_login", "token"))
            if module in self.profile.urls
        ]
        ways += ["page_login"] if self.profile.session_login else []
        return self._choice.pick(ways) if ways else "me"

    def _all_actions(self) -> list[str]:
        actions = ["register"] * 5 + ["me"] * 4 + ["patch"] * 4 + ["set_password"] * 3
        actions += ["reset_password"] * 3 + ["reset_confirm"] * 4 + ["set_login"] * 3
        actions += ["reset_login"] * 2 + ["reset_login_confirm"] * 3 + ["delete"] * 2
        actions += ["listing", "detail", "detail", "change_detail", "delete_detail", "root"]
        actions += ["resend"] * 2 + ["activation"] * (5 if self._activates() else 2)
        if "jwt" in self.profile.urls:
            actions += ["jwt_create"] * 5 + ["jwt_refresh"] * 3 + ["jwt_verify"] * 2
        if "token" in self.profile.urls:
            actions += ["token_login"] * 4 + ["logout"] * 2
        if self.profile.session_login:
            actions += ["page_login"] * 5 + ["page_logout"] * 2
        if len(self.profile.user.fields) > 6:
            actions += ["patch"] * 12
        return actions

    def _activates(self) -> bool:
        return self.profile.djoser.SEND_ACTIVATION_EMAIL

    # --- the actions ---------------------------------------------------------------------------

    def _register(self, person: Person) -> Step:
        password = self._new_password(person)
        body: dict[str, Any] = {"password": password}
        for f in self.profile.user.create:
            if f.read_only:
                continue
            if f.name == self.login:
                body[f.name] = self._login_value(person)
            elif f.name == self.email:
                body[f.name] = self._email_value(person)
            elif f.required or self._choice.chance(40):
                body[f.name] = self._choice.pick(odd.good_values(f))
        if self.profile.djoser.USER_CREATE_PASSWORD_RETYPE or self._choice.chance(10):
            body["re_password"] = self._again(password)
        if self._choice.chance(5):
            body |= {"is_staff": True, "is_active": True, "id": 77, "is_superuser": True}

        def learn(status: int) -> None:
            if status == 201 and isinstance(password, str):
                person.password = password
                person.id = "registered"

        self.learn = learn
        return self._call("POST", "users/", body, person, anonymous=85)

    def _activation(self, person: Person) -> Step:
        body = self._link()
        owner = self._owner_of_link(body)

        def learn(status: int) -> None:
            if status == 204 and owner is not None:
                owner.active = True

        self.learn = learn
        return self._call("POST", "users/activation/", body, person, anonymous=90)

    def _resend(self, person: Person) -> Step:
        body = {self.email: self._email_value(person)}
        return self._call("POST", "users/resend_activation/", body, person, anonymous=90)

    def _reset_password(self, person: Person) -> Step:
        body = {self.email: self._email_value(person)}
        return self._call("POST", "users/reset_password/", body, person, anonymous=90)

    def _reset_confirm(self, person: Person) -> Step:
        password = self._new_password(person)
        body = {**self._link(), "new_password": password}
        if self.profile.djoser.PASSWORD_RESET_CONFIRM_RETYPE or self._choice.chance(10):
            body["re_new_password"] = self._again(password)
        owner = self._owner_of_link(body)

        def learn(status: int) -> None:
            if status == 204 and owner is not None and isinstance(password, str):
                owner.password = password

        self.learn = learn
        return self._call("POST", "users/reset_password_confirm/", body, person, anonymous=85)

    def _set_password(self, person: Person) -> Step:
        password = self._new_password(person)
        body = {"new_password": password, "current_password": self._current(person)}
        if self.profile.djoser.SET_PASSWORD_RETYPE or self._choice.chance(10):
            body["re_new_password"] = self._again(password)

        def learn(status: int) -> None:
            if status == 204 and isinstance(password, str):
                person.password = password

        self.learn = learn
        return self._call("POST", "users/set_password/", body, person)

    def _set_login(self, person: Person) -> Step:
        new = self._new_login(person)
        wanted = self.profile.login_field
        body = {f"new_{wanted}": new, "current_password": self._current(person)}
        if self.profile.djoser.SET_USERNAME_RETYPE or self._choice.chance(10):
            body[f"re_new_{wanted}"] = self._again(new)
            if self._choice.chance(20):  # nothing wrong but that the two differ
                body = {
                    f"new_{wanted}": "once@example.com",
                    f"re_new_{wanted}": "another@example.com",
                    "current_password": person.password,
                }
        self.learn = self._learn_login(person, body[f"new_{wanted}"])
        return self._call("POST", f"users/set_{self.login}/", body, person)

    def _reset_login(self, person: Person) -> Step:
        body = {self.email: self._email_value(person)}
        return self._call("POST", f"users/reset_{self.login}/", body, person, anonymous=90)

    def _reset_login_confirm(self, person: Person) -> Step:
        new = self._new_login(person)
        wanted = self.profile.login_field
        body = {**self._link(), f"new_{wanted}": new}
        if self.profile.djoser.USERNAME_RESET_CONFIRM_RETYPE or self._choice.chance(10):
            body[f"re_new_{wanted}"] = self._again(new)
        owner = self._owner_of_link(body)
        if owner is not None:
            self.learn = self._learn_login(owner, new)
        return self._call("POST", f"users/reset_{self.login}_confirm/", body, person, anonymous=90)

    def _learn_login(self, person: Person, new: Any) -> Learn:
        def learn(status: int) -> None:
            if status == 204 and isinstance(new, str):
                person.login = new
                if self.login == self.email:
                    person.email = new

        return learn

    def _me(self, person: Person) -> Step:
        method = self._choice.pick(("GET", "GET", "GET", "HEAD", "OPTIONS", "POST"))
        return self._call(method, "users/me/", MISSING, person)

    def _patch(self, person: Person) -> Step:
        method = self._choice.pick(("PATCH", "PATCH", "PUT"))
        return self._call(method, "users/me/", self._changes(person), person)

    def _changes(self, person: Person) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for f in self.profile.user.fields:
            if self._choice.chance(35 if f.read_only else 65):
                if f.name == self.email:
                    body[f.name] = self._email_value(self._choice.pick(self.people))
                elif f.name == self.login:
                    body[f.name] = self._login_value(self._choice.pick(self.people))
                else:
                    body[f.name] = self._choice.pick(odd.good_values(f))
        if self._choice.chance(5):
            body |= {"is_staff": True, "is_active": False, "password": "plain-Text-77"}
        return body

    def _delete(self, person: Person) -> Step:
        body = {"current_password": self._current(person)}

        def learn(status: int) -> None:
            if status == 204:
                person.id, person.active = "", False

        self.learn = learn
        return self._call("DELETE", "users/me/", body, person)

    def _listing(self, person: Person) -> Step:
        method = self._choice.pick(("GET", "GET", "HEAD", "OPTIONS"))
        return self._call(method, "users/", MISSING, person)

    def _detail(self, person: Person) -> Step:
        method = self._choice.pick(("GET", "GET", "HEAD", "OPTIONS"))
        return self._call(method, f"users/{self._id()}/", MISSING, person)

    def _change_detail(self, person: Person) -> Step:
        method = self._choice.pick(("PATCH", "PUT"))
        return self._call(method, f"users/{self._id()}/", self._changes(person), person)

    def _delete_detail(self, person: Person) -> Step:
        body = {"current_password": self._current(person)}
        return self._call("DELETE", f"users/{self._id()}/", body, person)

    def _root(self, person: Person) -> Step:
        return self._call(self._choice.pick(("GET", "OPTIONS", "POST")), "", MISSING, person)

    def _jwt_create(self, person: Person) -> Step:
        named = person.login if self.profile.login_field == self.login else person.email
        body = {self.login: named, "password": self._current(person)}
        if self._choice.chance(10):
            body[self.login] = self._login_value(person)
        self.learn = self._learn_tokens(person, "access", "refresh")
        return self._call("POST", "jwt/create/", body, person, anonymous=92)

    def _jwt_refresh(self, person: Person) -> Step:
        body = {"refresh": self._token("refresh", person)}
        self.learn = self._learn_tokens(person, "access", "refresh")
        return self._call("POST", "jwt/refresh/", body, person, anonymous=92)

    def _jwt_verify(self, person: Person) -> Step:
        kind = self._choice.pick(("access", "refresh"))
        return self._call(
            "POST", "jwt/verify/", {"token": self._token(kind, person)}, person, anonymous=92
        )

    def _token_login(self, person: Person) -> Step:
        wanted = self.profile.login_field
        value = person.login if wanted == self.login else person.email
        body = {wanted: value, "password": self._current(person)}
        self.learn = self._learn_tokens(person, "auth_token", "sessionid", "csrftoken")
        return self._call("POST", "token/login/", body, person, anonymous=92)

    def _logout(self, person: Person) -> Step:
        return self._call("POST", "token/logout/", self._choice.pick((MISSING, {})), person)

    def _page_login(self, person: Person) -> Step:
        """DRF's login page: looked at first, for its CSRF token."""
        page = str(self.profile.session_login)
        tokens = self._memory().names("csrftoken")
        if not tokens or self._choice.chance(15):
            method = self._choice.pick(("GET", "GET", "GET", "HEAD", "OPTIONS", "DELETE", "PUT"))
            return Step(
                method, self._choice.pick((page, page, page.rstrip("/"), f"{page}?next=/x"))
            )
        blanks = self._choice.pick(("", "", "", " "))
        body = {"username": f"{person.login}{blanks}", "password": str(self._current(person))}
        if self._choice.chance(15):
            body["username"] = str(self._choice.pick((person.login.upper(), *odd.EMAILS)))
        if self._choice.chance(30):
            body["next"] = self._choice.pick(("/x/?a=b", "//evil.test/", "https://evil.test/", "x"))

        def learn(status: int) -> None:
            for kind in ("sessionid", "csrftoken") if status == 302 else ():
                person.tokens[kind] = self._memory().names(kind)[-1]

        self.learn = learn
        known = person.tokens.get("sessionid") if self._choice.chance(25) else None
        return self._posted(page, body, tokens[-1], known)

    def _page_logout(self, person: Person) -> Step:
        token = person.tokens.get("csrftoken", "csrftoken#1")
        page = str(self.profile.session_login).replace("login", "logout")
        if self._choice.chance(15):
            return Step(self._choice.pick(("GET", "OPTIONS", "PUT")), page)
        return self._posted(page, {"next": "/x/"}, token, person.tokens.get("sessionid"))

    def _posted(self, page: str, body: dict[str, str], token: str, session: str | None) -> Step:
        """A posted form, most of the time with its token."""
        cookies = f"csrftoken=<<{token}>>" + (f"; sessionid=<<{session}>>" if session else "")
        headers = [] if self._choice.chance(5) else [("Cookie", cookies)]
        how = self._choice.pick(("field", "field", "field", "header", "none", "wrong"))
        if how == "field":
            body["csrfmiddlewaretoken"] = f"<<{token}>>"
        elif how != "none":
            value = f"<<{token}>>" if how == "header" else "a" * 32
            headers.append(("X-CSRFToken", value))
        content_type, text = encoded(body, self._choice.pick(("form", "form", "multipart", "json")))
        return Step("POST", page, (*headers, ("Content-Type", content_type)), text)

    def _learn_tokens(self, person: Person, *kinds: str) -> Learn:
        def learn(status: int) -> None:
            if status == 200:
                for kind in kinds:
                    names = self._memory().names(kind)
                    if names:
                        person.tokens[kind] = names[-1]

        return learn

    def _administer(self) -> Step:
        person = self._choice.pick(self.people)
        flag = self._choice.pick(("is_staff", "is_active"))
        self.operation = f"administer {flag}"
        return Step("ADMIN", "", admin=(flag, person.login, self._choice.chance(60)))

    # --- values -----------------------------------------------------------------------------------

    def _current(self, person: Person) -> Any:
        return person.password if self._choice.chance(85) else self._choice.pick(odd.PASSWORDS)

    def _new_password(self, person: Person) -> Any:
        if self._choice.chance(70):
            return self._choice.pick(GOOD_PASSWORDS)
        return self._choice.pick((*odd.PASSWORDS, person.login, person.email, person.password))

    def _again(self, value: Any) -> Any:
        if self._choice.chance(80):
            return value
        # a valid address too, so that the two are compared where they are addresses
        return self._choice.pick(
            ("another-One-3", "another@example.com", "other@example.com", "", 5)
        )

    def _login_value(self, person: Person) -> Any:
        if self.login == self.email:
            return self._email_value(person)
        if self._choice.chance(80):
            return person.login
        other = self._choice.pick(self.people).login
        return self._choice.pick((*odd.USERNAMES, other, person.login.upper()))

    def _email_value(self, person: Person) -> Any:
        if self._choice.chance(80):
            return person.email
        local, _, domain = person.email.rpartition("@")
        variants = (f"{local}@{domain.upper()}", f"{local.upper()}@{domain}", f" {person.email} ")
        return self._choice.pick((*odd.EMAILS, *variants, self._choice.pick(self.people).email))

    def _new_login(self, person: Person) -> Any:
        fresh = ("new.one", "other-2", "third_3")
        if self._choice.chance(65):
            name = self._choice.pick(fresh)
            return f"{name}@example.com" if self.login == self.email else name
        return self._login_value(self._choice.pick(self.people))

    def _link(self) -> dict[str, Any]:
        """uid and token of a mail; now and then of two mails, tampered with, or made up."""
        links = self._memory().links
        if not links or self._choice.chance(6):
            return {
                "uid": self._choice.pick(odd.UIDS),
                "token": self._choice.pick(odd.TOKENS),
            }
        _, uid, token = self._choice.pick(links[-3:] if self._choice.chance(75) else links)
        mark = f"<<{token}>>"
        if self._choice.chance(12):
            mark = f"<<{token}|{self._choice.pick(('cut', 'long', 'flip', 'upper', 'padded'))}>>"
        if self._choice.chance(8):
            return {"uid": self._choice.pick(odd.UIDS), "token": mark}
        if self._choice.chance(8):
            uid = self._choice.pick(links)[1]
        return {"uid": f"<<{uid}>>", "token": mark}

    def _owner_of_link(self, body: dict[str, Any]) -> Person | None:
        for to, _uid, token in self._memory().links:
            if body["token"] == f"<<{token}>>":
                return next((p for p in self.people if p.email == to), None)
        return None

    def _token(self, kind: str, person: Person) -> Any:
        names = self._memory().names(kind)
        if not names or self._choice.chance(10):
            return self._choice.pick(odd.WEB_TOKENS)
        name = person.tokens.get(kind, names[-1])
        if self._choice.chance(15):
            name = self._choice.pick(names)
        if self._choice.chance(10):
            return f"<<{name}|{self._choice.pick(('cut', 'flip', 'head', 'padded'))}>>"
        if self._choice.chance(5):
            other = self._memory().names("access" if kind == "refresh" else "refresh")
            name = other[-1] if other else name
        return f"<<{name}>>"

    def _id(self) -> str:
        if self.profile.djoser.USER_ID_FIELD != "id" and self._choice.chance(70):
            return quote_plus(self._choice.pick(self.people).login, safe="@")
        ids = self._memory().names("id")
        if ids and self._choice.chance(70):
            return f"<<{self._choice.pick(ids)}>>"
        return quote_plus(self._choice.pick(odd.IDS), safe="%")

    # --- requests -----------------------------------------------------------------------------------

    def _call(
        self, method: str, path: str, body: Any, person: Person, *, anonymous: int = 6
    ) -> Step:
        headers: list[tuple[str, str]] = []
        if not self._choice.chance(anonymous):
            headers += self._credentials(person)
        if self._choice.chance(4):
            headers.append(("Accept", self._choice.pick(odd.ACCEPTS)))
        if isinstance(body, dict) and body and self._choice.chance(12):
            body = self._with_odd_field(body)
        if body is MISSING:
            return Step(method, self._prefix + path, tuple(headers))
        kind = "json"
        if self._choice.chance(12):
            kind = self._choice.pick(("form", "multipart"))
        content_type, text = encoded(body, kind)
        headers.append(("Content-Type", content_type))
        return Step(method, self._prefix + path, tuple(headers), text)

    def _with_odd_field(self, body: dict[str, Any]) -> dict[str, Any]:
        name = self._choice.pick(sorted(body))
        value = self._choice.pick(odd.VALUES)
        changed = dict(body)
        if value is odd.LEFT_OUT:
            del changed[name]
        else:
            changed[name] = value
        return changed

    def _credentials(self, person: Person) -> list[tuple[str, str]]:
        if self._choice.chance(6):
            return [("Authorization", self._choice.pick(odd.authorizations(self.profile)))]
        if self._choice.chance(5):
            person = self._choice.pick(self.people)
        schemes = [s for s in self.profile.authentication if self._known(s, person)]
        if not schemes:
            return []
        scheme = self._choice.pick(schemes)
        if scheme == "jwt":
            word = self._choice.pick(self.profile.simple_jwt.AUTH_HEADER_TYPES)
            kind = "access" if self._choice.chance(95) else "refresh"
            return [("Authorization", f"{word} <<{person.tokens.get(kind, 'access#1')}>>")]
        if scheme == "token":
            return [("Authorization", f"Token <<{person.tokens['auth_token']}>>")]
        if scheme == "basic":
            return [("Authorization", odd.basic(person.login, person.password))]
        return self._session(person)

    def _known(self, scheme: str, person: Person) -> bool:
        kind = {"jwt": "access", "token": "auth_token", "session": "sessionid"}.get(scheme)
        return kind is None or kind in person.tokens

    def _session(self, person: Person) -> list[tuple[str, str]]:
        cookie = f"sessionid=<<{person.tokens['sessionid']}>>"
        csrf = person.tokens.get("csrftoken")
        if csrf is None or self._choice.chance(10):
            return [("Cookie", cookie)]
        headers = [("Cookie", f"{cookie}; csrftoken=<<{csrf}>>")]
        if self._choice.chance(85):
            headers.append(("X-CSRFToken", f"<<{csrf}>>"))
        return headers

    def _odd_request(self) -> Step:
        self.operation = "odd"
        path = self._choice.pick(odd.paths(self.profile))
        if self._choice.chance(70):
            path = self._choice.pick(odd.right_paths(self.profile))
        method = self._choice.pick(odd.METHODS)
        person = self._choice.pick(self.people)
        headers = self._credentials(person) if self._choice.chance(50) else []
        if self._choice.chance(25):
            headers.append(("Accept", self._choice.pick(odd.ACCEPTS)))
        body: str | bytes | None = None
        if method in ("POST", "PUT", "PATCH", "DELETE") and self._choice.chance(80):
            content_type, body = self._choice.pick(odd.BODIES)
            if content_type is not None:
                headers.append(("Content-Type", content_type))
        return Step(method, self._prefix + path, tuple(headers), body)


def encoded(body: Any, kind: str) -> tuple[str, str]:
    """Content type and text of a body; marks survive every encoding."""
    if kind == "json" or not isinstance(body, dict):
        return "application/json", json.dumps(body, ensure_ascii=True)
    flat = {key: _flat(value) for key, value in body.items()}
    if kind == "form":
        pairs = (f"{quote_plus(k)}={quote_plus(v, safe='<>#|')}" for k, v in flat.items())
        return "application/x-www-form-urlencoded", "&".join(pairs)
    boundary = "----a-boundary-of-7"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in flat.items()
    ]
    return f"multipart/form-data; boundary={boundary}", "".join(parts) + f"--{boundary}--\r\n"


def _flat(value: Any) -> str:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return "" if value is None else json.dumps(value)
