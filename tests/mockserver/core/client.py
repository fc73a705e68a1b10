"""A client of a world, for the tests of the core: sends JSON, keeps the mails."""

import json
import random
from dataclasses import dataclass
from typing import Any

from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile
from authspec_mock.core.wire import Mail, Request, Response
from authspec_mock.core.world import World

PASSWORD = "correct horse 12"
START = 1_700_000_000.0


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Answer:
    """A response with its body read."""

    response: Response
    mails: tuple[Mail, ...]

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def json(self) -> Any:
        return json.loads(self.response.body) if self.response.body else None

    def header(self, name: str) -> str | None:
        return dict(self.response.headers).get(name)

    def cookies(self) -> dict[str, str]:
        pairs = [v.partition(";")[0] for k, v in self.response.headers if k == "Set-Cookie"]
        return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


class Client:
    """Talks to one world."""

    def __init__(
        self, profile: Profile | str = "document", *, quirks: tuple[str, ...] = ()
    ) -> None:
        self.profile = load_profile(profile) if isinstance(profile, str) else profile
        self.clock = Clock()
        self.world = World(
            self.profile, clock=self.clock, random=random.Random(1), secret="key", quirks=quirks
        )

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        auth: str | None = None,
        raw: bytes | None = None,
        **headers: str,
    ) -> Answer:
        """A call below the profile's prefix; a path with a leading slash is taken as it is."""
        sent = {"host": "api.test", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if auth is not None:
            sent["authorization"] = auth
        if raw is None and body is not None:
            raw = json.dumps(body).encode()
            sent.setdefault("content-type", "application/json")
        whole = path if path.startswith("/") else self.profile.prefix + path
        whole, _, query = whole.partition("?")
        request = Request(method, whole, query=query, headers=sent, body=raw or b"")
        return Answer(*self.world.handle(request))

    def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return self.send("POST", path, body, **more)

    def get(self, path: str, **more: Any) -> Answer:
        return self.send("GET", path, **more)

    def register(self, name: str = "ada", password: str = PASSWORD) -> Answer:
        body = {"email": f"{name}@example.com", "username": name, "password": password}
        return self.post("users/", {**body, "re_password": password})

    def activated(self, name: str = "ada", password: str = PASSWORD) -> str:
        """Registers and activates an account; its web token as a header."""
        (mail,) = self.register(name, password).mails
        self.post("users/activation/", {"uid": mail.uid, "token": mail.token})
        return self.bearer(name, password)

    def bearer(self, name: str = "ada", password: str = PASSWORD) -> str:
        """The `Authorization` of a login."""
        return f"{self.word} {self.pair(name, password)['access']}"

    def pair(self, name: str = "ada", password: str = PASSWORD) -> dict[str, str]:
        answer = self.login(name, password)
        assert answer.status == 200, answer.json
        pair: dict[str, str] = answer.json
        return pair

    def login(self, name: str = "ada", password: str = PASSWORD) -> Answer:
        field = self.profile.user.login_field
        login = name if field == "username" or "@" in name else f"{name}@example.com"
        return self.post("jwt/create/", {field: login, "password": password})

    def token(self, name: str = "ada", password: str = PASSWORD) -> str:
        """The `Authorization` of a token login."""
        body = {self.profile.login_field: f"{name}@example.com", "password": password}
        return f"Token {self.post('token/login/', body).json['auth_token']}"

    @property
    def word(self) -> str:
        return self.profile.simple_jwt.AUTH_HEADER_TYPES[0]
