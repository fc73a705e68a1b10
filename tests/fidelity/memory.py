"""What one side has handed out so far: secrets by name, so that the other side's can be compared."""

import base64
import contextlib
import json
import re
from typing import Any

from authspec_contract.profile import Profile

from .step import MARK, TAMPERINGS, Answer, Step

_TOKEN = re.compile(r"[0-9a-z]{1,13}-[0-9a-f]{32}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
_KINDS = ("access", "refresh", "auth_token")


class Memory:
    """Names of secrets, numbered by kind in the order in which they came."""

    def __init__(self, profile: Profile) -> None:
        self._uuids = profile.user.id == "uuid"
        self._links = [_pattern(template) for template in _templates(profile) if template]
        self._values: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._latest: dict[str, str] = {}
        """Kind → the value that was handed out last, be it a known one."""
        self.claims: list[str] = []
        """The claims of every web token, times replaced, in the order in which they came."""
        self.links: list[tuple[str, str, str]] = []
        """Of each mail with a link: recipient, name of its uid, name of its token."""

    # --- names -------------------------------------------------------------------------------

    def names(self, kind: str) -> list[str]:
        """Every name of a kind, oldest first."""
        return [f"{kind}#{number}" for number in range(1, self._counts.get(kind, 0) + 1)]

    def value(self, name: str) -> str:
        """The value of a name; number 0 is what came last; a word of our own where there is none."""
        kind, _, number = name.partition("#")
        if number == "0":
            return self._latest.get(kind, "nothing-yet")
        return self._values.get(name, "nothing-yet")

    def filled(self, text: str) -> str:
        """The text with every mark replaced by this side's own value."""

        def fill(match: re.Match[str]) -> str:
            value = self.value(match[1])
            return TAMPERINGS[match[2]](value) if match[2] else value

        return MARK.sub(fill, text)

    def request(self, step: Step) -> tuple[str, list[tuple[str, str]], bytes | None]:
        """Path, headers and body of a step as this side has to be sent them."""
        body = step.body
        if isinstance(body, str):
            body = self.filled(body).encode("utf-8", "surrogatepass")
        headers = [(name, self.filled(value)) for name, value in step.headers]
        return self.filled(step.path), headers, body

    # --- learning ----------------------------------------------------------------------------

    def learn(self, answer: Answer) -> None:
        """Takes the secrets of an answer and of its mails."""
        self._learn_json(answer)
        for name, value in answer.cookies():
            if value and value != '""':
                self._name(name.lower(), value)
        for mail in answer.mails:
            self._learn_mail(mail.to, mail.text)

    def _learn_json(self, answer: Answer) -> None:
        try:
            data = json.loads(answer.body)
        except ValueError:
            return
        for row in data if isinstance(data, list) else [data]:
            if not isinstance(row, dict):
                continue
            for kind in _KINDS:
                value = row.get(kind)
                if isinstance(value, str) and answer.status < 300:
                    fresh = value not in self._names
                    self._name(kind, value)
                    if fresh and kind != "auth_token":
                        self.claims.append(_claims(value))
            if self._uuids and isinstance(row.get("id"), str):
                self._learn_uuid(row["id"])

    def _learn_uuid(self, value: str) -> None:
        if value in self._names or not _UUID.fullmatch(value):
            return
        self._name("id", value)
        uid = base64.urlsafe_b64encode(value.encode()).rstrip(b"=").decode()
        self._name("pkuid", uid)

    def _learn_mail(self, to: tuple[str, ...], text: str) -> None:
        found = [match for link in self._links if (match := link.search(text))]
        if not found:
            return
        uid, token = found[0]["uid"], found[0]["token"]
        if self._uuids:
            with contextlib.suppress(ValueError):
                self._learn_uuid(base64.urlsafe_b64decode(uid + "=" * (-len(uid) % 4)).decode())
        # by the mail's number, whatever the value: two mails of one second hold the same token
        number = self._counts["token"] = self._counts["uid"] = self._counts.get("token", 0) + 1
        self._values[f"token#{number}"] = token
        self._values[f"uid#{number}"] = uid
        self._latest |= {"token": token, "uid": uid}
        self.links.append((",".join(to), f"uid#{number}", f"token#{number}"))

    def _name(self, kind: str, value: str) -> str:
        if value not in self._names:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            name = f"{kind}#{self._counts[kind]}"
            self._names[value] = name
            self._values[name] = value
        self._latest[kind] = value
        return self._names[value]

    # --- comparing ---------------------------------------------------------------------------

    def hidden(self, text: str) -> str:
        """The text with every secret replaced by its name, so that it can be compared."""
        text = _JWT.sub(lambda m: f"<<{self._names.get(m[0], 'jwt')}>>", text)
        text = _TOKEN.sub("<<token>>", text)
        text = _UUID.sub(lambda m: f"<<{self._names.get(m[0], m[0])}>>", text)
        for value, name in self._names.items():
            if value in text and len(value) > 12:
                text = text.replace(value, f"<<{name}>>")
        return text


def _templates(profile: Profile) -> tuple[str | None, ...]:
    djoser = profile.djoser
    return (
        djoser.ACTIVATION_URL,
        djoser.PASSWORD_RESET_CONFIRM_URL,
        djoser.USERNAME_RESET_CONFIRM_URL,
    )


def _pattern(template: str) -> re.Pattern[str]:
    """A pattern for the links of a template."""
    text = re.escape(template).replace(r"\{uid\}", r"(?P<uid>[\w-]*)")
    text = text.replace(r"\{token\}", rf"(?P<token>{_TOKEN.pattern})")
    return re.compile(re.sub(r"\\\{\w+\\\}", ".*?", text))


def _claims(token: str) -> str:
    """The claims of a web token: lengths of time instead of moments, no id, no hash."""
    try:
        header, payload, _ = token.split(".")
        claims: dict[str, Any] = _decoded(payload)
        told = {**_decoded(header), **claims}
        # simplejwt takes the two from moments of its own: a second may end between them
        if "iat" in claims:
            told["iat"], told["exp"] = "…", -(-(claims["exp"] - claims["iat"]) // 10) * 10
        else:
            told["exp"] = "…"
        told["jti"] = len(claims["jti"])
        if "hash_password" in told:
            told["hash_password"] = "…"
        if _UUID.fullmatch(str(told.get("user_id", ""))):
            told["user_id"] = "…"
    except (ValueError, KeyError, TypeError) as error:
        return f"no web token: {error!r}"
    return json.dumps(told)


def _decoded(part: str) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return raw
