"""A fixed round through a deployment that meets every fault: good calls, bad ones, three accounts."""

import json
from collections.abc import Iterator
from typing import Any

from authspec_contract.profile import Profile

from ..fidelity.memory import Memory
from ..fidelity.odd import basic
from ..fidelity.sides import RealSide
from ..fidelity.step import Answer, Step
from .server import RealDjoser

_FIRST = "Rote-Katze-17-und-blauer-Hund-é"
_SECOND = "Grünes-Pferd-23-im-tiefen-Schnee"
_THIRD = "Gelbe-Ente-42-am-weiten-Meer"
_LONG = "Eine weite Reise ü " * 5
_UNSIGNED = "eyJhbGciOiJub25lIn0"


class Tour:
    """The steps, for a profile."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._prefix = profile.prefix
        self._login = profile.user.login_field
        self.by_email = self._login == "email"
        self._word = profile.simple_jwt.AUTH_HEADER_TYPES[0]
        self._activates = profile.djoser.SEND_ACTIVATION_EMAIL

    def steps(self) -> Iterator[Step]:
        """Every step, in order."""
        yield from self._without_account()
        yield from self._arrivals()
        yield from self._odd_requests()
        yield from self._profile_changes()
        yield from self._password_changes()
        yield from self._resets()
        yield from self._address_changes()
        yield from self._tokens()
        yield from self._departures()

    # --- parts ---------------------------------------------------------------------------------

    def _without_account(self) -> Iterator[Step]:
        yield self._call("GET", "users/me/")
        yield self._call("GET", "users/")
        yield self._call("POST", "users/set_password/", {})
        yield self._call("POST", f"users/set_{self._login}/", {})
        yield self._call("POST", "users/activation/", {"uid": "OTk", "token": "a-b"})
        yield self._call("POST", "users/resend_activation/", {"email": "nobody@example.com"})
        yield self._call("POST", "users/reset_password/", {"email": "nobody@example.com"})
        yield self._call("POST", f"users/reset_{self._login}/", {"email": "nobody@example.com"})
        yield self._confirm("OTk", "a-b", _FIRST)
        yield self._jwt("nobody", _FIRST)
        yield self._token_login("nobody", _FIRST)
        yield self._call("POST", "jwt/verify/", {"token": "a.b.c"})

    def _arrivals(self) -> Iterator[Step]:
        extra = {"is_staff": True, "is_superuser": True, "is_active": True, "id": 77}
        yield self._register("Ann.Lee+x", _FIRST, **extra)
        yield self._jwt("Ann.Lee+x", _FIRST)
        yield self._jwt("Ann.Lee+x", "")
        yield self._token_login("Ann.Lee+x", _FIRST)
        yield self._call("POST", "users/reset_password/", {"email": _mail("Ann.Lee+x")})
        for name in ("Ann.Lee+x", "Ann.Lee+x"):
            yield self._call("POST", "users/resend_activation/", {"email": _mail(name)})
        yield self._jwt("Ann.Lee+x", _FIRST)
        for password in ("12345678901234", "password1", "x7", None, "weak@example"):
            yield self._register("weak", password)
        yield self._register("weak", _SECOND)
        yield self._register("two", _FIRST, re_password=_SECOND)
        yield self._register("two", _FIRST, re_password=None)
        yield self._call("POST", "users/", {"password": 5, self._login: _name("x" * 300, self)})
        yield self._call("POST", "users/", {})
        yield self._register("Ann.Lee+x", _SECOND)
        yield self._jwt("Ann.Lee+x", _SECOND)
        yield self._register("bob", _SECOND)
        yield self._register("cat", _FIRST)
        if self._activates:
            yield self._call("POST", "users/resend_activation/", {"email": _mail("cat")})
            yield from self._activations()
        for name, password in (("Ann.Lee+x", _FIRST), ("bob", _SECOND), ("cat", _FIRST)):
            yield self._jwt(name, password)
            yield self._token_login(name, password)
        yield self._jwt("ANN.lee+x", _FIRST)
        yield self._register("bob", _FIRST)
        yield self._call("POST", "users/resend_activation/", {"email": _mail("bob")})
        for number in (1, 2, 3):
            yield self._call("GET", "users/me/", by=number)
        yield self._call("GET", "users/me/", token=1)
        yield self._call("GET", "users/me/", token=3)

    def _activations(self) -> Iterator[Step]:
        yield self._call("POST", "users/activation/", {"uid": "<<uid#1>>", "token": "a-b"})
        yield self._activate(1, token=4)
        # the newest mails are those of the last two accounts
        yield from (self._activate(number) for number in (3, 1, 2, 4, 5, 6, 1, 6))

    def _odd_requests(self) -> Iterator[Step]:
        json_type = (("Content-Type", "application/json"),)
        for path in ("users/", "users/activation/", "jwt/create/", "token/login/"):
            for body in ('{"email":', "[]", '{"email": null, "password": null, "uid": null}', "5"):
                yield Step("POST", self._prefix + path, json_type, body)
            yield Step("POST", self._prefix + path, (("Content-Type", "text/plain"),), "{}")
        yield Step(
            "POST",
            f"{self._prefix}users/",
            (("Content-Type", "application/x-www-form-urlencoded"),),
            "email=form%40example.com&username=form&password=" + "Rotes-Haus-11-am-See&re_password="
            "Rotes-Haus-11-am-See",
        )
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            yield self._call(method, "users/activation/", by=1)
            yield self._call(method, "jwt/create/")
        yield self._call("POST", "users/me/", {}, by=1)
        yield self._call("POST", "users/activation/", {"uid": "x" * 2000, "token": "a", "more": 1})

    def _profile_changes(self) -> Iterator[Step]:
        for method, body in (
            ("PATCH", {"name": "<b>Zoë</b> ☃"}),
            ("PATCH", {"name": "second", "email": "not an address"}),
            ("PATCH", {"name": "n" * 256}),
            ("PATCH", {}),
            ("PUT", {"name": "third", "email": _mail("bob")}),
            ("PUT", {"name": "fourth", "email": _mail("Ann.Lee+x")}),
            ("PATCH", {"name": "fifth", "is_staff": True, "password": "plain-Text-77", "id": 9}),
            ("PATCH", {self._login: _name("other", self)}),
            ("PATCH", {"is_active": False}),
            ("PATCH", {self._login: _name("Ann.Lee+x", self)}),
        ):
            yield self._call(method, "users/me/", body, by=1)
            yield self._call("GET", "users/me/", by=1)
            yield self._call("GET", "users/me/", by=2)
        yield self._jwt("Ann.Lee+x", _FIRST)
        yield self._call("GET", "users/", by=1)
        for person in (1, 2, 3):
            yield self._call("GET", f"users/{person}/", by=2)
            yield self._call("PATCH", f"users/{person}/", {"name": "changed"}, by=2)
        yield self._call("GET", "users/me/", by=3)

    def _password_changes(self) -> Iterator[Step]:
        yield self._set_password("x-" + _THIRD, current="wrong", by=1)
        yield self._set_password(_THIRD, current=_SECOND, by=1)
        yield self._set_password(_THIRD, current=None, by=1)
        yield self._set_password("password1", current=_FIRST, by=1)
        yield self._set_password(_THIRD, current=_FIRST, by=1, again="other")
        yield self._jwt("Ann.Lee+x", _FIRST)
        yield self._set_password(_THIRD, current=_FIRST, by=1)
        for password in (_FIRST, _THIRD, _THIRD[:-1], _THIRD.lower(), _THIRD + "é", _THIRD[:21]):
            yield self._jwt("Ann.Lee+x", password)
        yield self._call("GET", "users/me/", by=1)
        yield self._call("GET", "users/me/", token=1)
        yield self._set_password(_FIRST, current=_THIRD, by=1)
        yield self._jwt("Ann.Lee+x", _FIRST)
        yield self._set_password(_SECOND, current=_SECOND, by=2)
        yield self._jwt("bob", _SECOND)
        yield self._set_password(_THIRD, current=_FIRST, by=3)
        yield self._jwt("Ann.Lee+x", _FIRST)
        yield self._jwt("cat", _THIRD)
        yield self._jwt("cat", _FIRST)

    def _resets(self) -> Iterator[Step]:
        # the links before: one for each account and two that were resent; or one for a reset
        first = 9 if self._activates else 2
        address = {"email": _mail("bob")}
        yield self._call("POST", "users/reset_password/", address)
        yield self._jwt("bob", _SECOND)
        yield self._call("GET", "users/me/", token=2)
        yield self._call("POST", "users/reset_password/", address)
        yield self._call("POST", "users/reset_password/", {"email": _mail("cat")})
        bob, again, cat = first, first + 1, first + 2
        link = (f"<<uid#{bob}>>", f"<<token#{bob}>>")
        for token in (
            f"{link[1][:-2]}|flip>>",
            f"{link[1][:-2]}|long>>",
            f"<<token#{cat}>>",
            "a-b",
        ):
            yield self._confirm(link[0], token, _THIRD)
        yield self._confirm(*link, "password1")
        yield self._jwt("bob", "password1")
        yield self._confirm(*link, _THIRD, again="other")
        yield self._confirm(*link, _THIRD)
        for password in (_SECOND, _THIRD):
            yield self._jwt("bob", password)
        yield self._jwt("Ann.Lee+x", _FIRST)
        yield self._confirm(*link, _SECOND)
        yield self._confirm(f"<<uid#{again}>>", f"<<token#{again}>>", _SECOND)
        yield self._call("GET", "users/me/", by=2)
        # a link that a password change, and one that a login, makes useless
        yield self._set_password(_SECOND, current=_THIRD, by=3)
        yield self._confirm(f"<<uid#{cat}>>", f"<<token#{cat}>>", _THIRD)
        yield self._call("POST", "users/reset_password/", {"email": _mail("cat")})
        yield self._jwt("cat", _SECOND)
        yield self._confirm(f"<<uid#{cat + 1}>>", f"<<token#{cat + 1}>>", _THIRD)
        # of an account that never had a login, so that no two logins fall into one second
        yield self._call("POST", "users/reset_password/", {"email": _mail("weak")})
        yield self._token_login("weak", _SECOND)
        yield self._confirm(f"<<uid#{cat + 2}>>", f"<<token#{cat + 2}>>", _THIRD)
        yield self._call("POST", "users/reset_password/", address)
        yield self._confirm(f"<<uid#{cat + 3}>>", f"<<token#{cat + 3}>>", _THIRD)

    def _address_changes(self) -> Iterator[Step]:
        new = _name("Ann.New", self)
        yield self._call("POST", "users/reset_password/", {"email": _mail("Ann.Lee+x")})
        for current, address, again in (
            ("wrong", new, new),
            (None, new, new),
            (_FIRST, _name("bob", self), _name("bob", self)),
            (_FIRST, "no address", "no address"),
            (_FIRST, new, _name("other", self)),
        ):
            yield self._set_login(address, current=current, by=1, again=again)
            yield self._call("GET", "users/me/", by=1)
        yield self._call("GET", "users/me/", by=2)
        yield self._set_login(new, current=_FIRST, by=1)
        yield self._call("GET", "users/me/", by=1)
        link = 15 if self._activates else 8
        yield self._jwt("Ann.Lee+x", _FIRST)
        yield self._jwt("Ann.New", _FIRST)
        yield self._confirm(f"<<uid#{link}>>", f"<<token#{link}>>", _THIRD)
        yield self._call("POST", "users/reset_password/", {"email": _mail("Ann.New")})
        yield self._register("Ann.Lee+x", _SECOND)
        yield self._set_login(_name("bob.new", self), current=_THIRD, by=2)
        yield self._jwt("bob.new", _THIRD)
        yield self._jwt("Ann.New", _FIRST)

    def _tokens(self) -> Iterator[Step]:
        yield self._call("GET", "users/me/", authorization="")
        for value in (
            f"{self._word} <<refresh#1>>",
            f"{self._word} <<access#1|flip>>",
            f"{self._word} {_UNSIGNED}.eyJ1c2VyX2lkIjoiMiJ9.",
            "Token <<auth_token#1|flip>>",
            f"{self._word} x",
        ):
            yield self._call("GET", "users/me/", authorization=value)
        yield self._call("GET", "users/me/?token=<<auth_token#1>>")
        yield self._call("GET", "users/me/", by=1, accept="text/html")
        second = 2 if self._activates else 4
        for token in ("<<access#1>>", f"<<refresh#{second}>>", f"<<refresh#{second}|flip>>"):
            yield self._call("POST", "jwt/refresh/", {"refresh": token})
            yield self._call("GET", "users/me/", authorization=f"{self._word} <<access#0>>")
            yield self._call("POST", "jwt/verify/", {"token": token})
        yield self._call("GET", "users/me/", authorization=basic("x", "y"))
        for name, password in (("cat", _THIRD), ("cat", _SECOND)):
            yield self._jwt(name, password)
            yield self._token_login(name, password)
        for wrong in ("wrong-1", "wrong-2", "wrong-3", "wrong-4"):
            yield self._jwt("cat", wrong)
        yield self._jwt("cat", _THIRD)
        for _ in range(2):
            yield self._token_login("cat", _THIRD)
            yield self._call("GET", "users/me/", token=0)
            yield self._call("POST", "token/logout/", token=0)
            yield self._call("GET", "users/me/", token=0)
            yield self._call("GET", "users/me/", token=2)
        yield self._call("GET", "users/me/", token=4)

    def _departures(self) -> Iterator[Step]:
        yield self._register("dan", _FIRST)
        for password in (None, "wrong-1", "wrong-2", "wrong-3", _FIRST):
            body = {} if password is None else {"current_password": password}
            yield self._call("DELETE", "users/me/", body, token=2)
            yield self._call("GET", "users/me/", token=2)
        yield self._call("DELETE", "users/me/", {"current_password": _THIRD}, by=2)
        yield self._call("GET", "users/me/", by=2)
        yield self._jwt("bob.new", _THIRD)
        yield self._call("POST", "users/reset_password/", {"email": _mail("bob.new")})
        yield self._register("bob.new", _FIRST)
        yield self._jwt("bob.new", _FIRST)
        if self._activates:
            yield from (self._activate(number) for number in range(16, 23))
        yield self._jwt("bob.new", _FIRST)
        yield self._call("GET", "users/me/", authorization=f"{self._word} <<access#0>>")
        yield self._jwt("cat", _THIRD)
        yield self._jwt("Ann.New", _FIRST)
        yield self._call("GET", "users/me/", by=1)
        yield from self._return()

    def _return(self) -> Iterator[Step]:
        """The third account is deleted, and its login registered again."""
        yield self._set_password(_LONG, current=_THIRD, by=3)
        for password in (_LONG[:-4], _LONG.replace(" ", ""), _LONG):
            yield self._jwt("cat", password)
        yield self._token_login("cat", _LONG)
        yield self._call("POST", "users/reset_password/", {"email": _mail("cat")})
        # a change of the user name leaves the address: one link less was mailed
        link = 20 if self._activates else 9 + self.by_email
        yield self._call("DELETE", "users/me/", {"current_password": _LONG}, by=3)
        yield self._register("cat", _FIRST)
        yield self._confirm(f"<<uid#{link}>>", f"<<token#{link}>>", _SECOND)
        if self._activates:
            yield self._activate(0)
        for password in (_FIRST, _SECOND):
            yield self._jwt("cat", password)
        yield self._token_login("cat", _FIRST)
        yield self._call("GET", "users/me/", by=3)
        for name in ("Ann.Newer", "Ann.Newest"):
            yield self._set_login(_name(name, self), current=_FIRST, by=1)

    # --- requests --------------------------------------------------------------------------------

    def _call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: int | None = None,
        token: int | None = None,
        authorization: str | None = None,
        accept: str | None = None,
    ) -> Step:
        """A call; `by` and `token` number the web token and the auth token that it carries."""
        headers = []
        if by is not None:
            # where accounts are active at once, the first one has logged in twice before
            by += 0 if self._activates else 2
            headers.append(("Authorization", f"{self._word} <<access#{by}>>"))
        elif token is not None:
            headers.append(("Authorization", f"Token <<auth_token#{token}>>"))
        elif authorization is not None:
            headers.append(("Authorization", authorization))
        if accept is not None:
            headers.append(("Accept", accept))
        if body is None:
            return Step(method, self._prefix + path, tuple(headers))
        headers.append(("Content-Type", "application/json"))
        return Step(method, self._prefix + path, tuple(headers), json.dumps(body))

    def _register(self, name: str, password: Any, **more: Any) -> Step:
        body = {"email": _mail(name), self._login: _name(name, self), "password": password}
        body["re_password"] = password
        body |= more
        left_out = {key for key, value in more.items() if value is None}
        return self._call("POST", "users/", {k: v for k, v in body.items() if k not in left_out})

    def _activate(self, number: int, token: int | None = None) -> Step:
        body = {
            "uid": f"<<uid#{number}>>",
            "token": f"<<token#{number if token is None else token}>>",
        }
        return self._call("POST", "users/activation/", body)

    def _jwt(self, name: str, password: Any) -> Step:
        body = {self._login: _name(name, self), "password": password}
        return self._call("POST", "jwt/create/", body)

    def _token_login(self, name: str, password: Any) -> Step:
        body = {self._login: _name(name, self), "password": password}
        return self._call("POST", "token/login/", body)

    def _set_password(self, new: str, *, current: str | None, by: int, again: str = "") -> Step:
        body = {"new_password": new, "re_new_password": again or new}
        if current is not None:
            body["current_password"] = current
        return self._call("POST", "users/set_password/", body, by=by)

    def _set_login(self, new: str, *, current: str | None, by: int, again: str = "") -> Step:
        body = {f"new_{self._login}": new, f"re_new_{self._login}": again or new}
        if current is not None:
            body["current_password"] = current
        return self._call("POST", f"users/set_{self._login}/", body, by=by)

    def _confirm(self, uid: str, token: str, new: str, again: str = "") -> Step:
        body = {"uid": uid, "token": token, "new_password": new, "re_new_password": again or new}
        return self._call("POST", "users/reset_password_confirm/", body)


def travel(real: RealDjoser) -> list[str]:
    """What a deployment answers along the tour, a line a step, secrets hidden."""
    side = RealSide(real)
    try:
        return [
            f"{step.method} {step.path} -> {_line(side.send(step), side.memory)}"
            for step in Tour(real.profile).steps()
        ]
    finally:
        side.close()


def _line(answer: Answer, memory: Memory) -> str:
    html = "html" in (answer.header("Content-Type") or "")
    body = "a page" if html else memory.hidden(answer.body.decode("utf-8", "replace"))
    kept = [
        f"{name}: {value}"
        for name, value in _told(answer)
        if name.lower() not in {"date", "server", "content-length", "connection", "vary"}
    ]
    mails = [memory.hidden(repr(mail)) for mail in answer.mails]
    claims = memory.claims[-1:] if "access" in body else []
    return f"{answer.status} {body} {kept} {mails} {claims}"


def _told(answer: Answer) -> list[tuple[str, str]]:
    """The headers, of a cookie its name alone."""
    return [
        (name, value.partition("=")[0] if name.lower() == "set-cookie" else value)
        for name, value in answer.headers
    ]


def _mail(name: str) -> str:
    return f"{name}@example.com"


def _name(name: str, tour: Tour) -> str:
    return _mail(name) if tour.by_email else name
