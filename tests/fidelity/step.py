"""One request of a comparison, and what a side answers; secrets stand in it by name."""

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field

MARK = re.compile(r"<<([a-z_]+#\d+)(?:\|([a-z]+))?>>")
"""A secret by its name, such as `<<access#2>>`, or one that was tampered with: `<<token#1|cut>>`."""

TAMPERINGS: dict[str, Callable[[str], str]] = {
    "cut": lambda value: value[:-1],
    "long": lambda value: value + "x",
    # in the middle: the last letter of a signature holds bits that nobody reads
    "flip": lambda value: _with_other_middle(value),
    "upper": lambda value: value.upper(),
    "padded": lambda value: f" {value} ",
    "head": lambda value: value.partition(".")[0] + ".e30." + value.rpartition(".")[2],
}


def _with_other_middle(value: str) -> str:
    middle = len(value) // 2
    return (
        value[:middle] + ("a" if value[middle : middle + 1] != "a" else "b") + value[middle + 1 :]
    )


@dataclass(frozen=True)
class Step:
    """One request; the text of path, headers and body may hold marks."""

    method: str
    path: str
    """As on the request line, query included."""
    headers: tuple[tuple[str, str], ...] = ()
    body: str | bytes | None = None
    admin: tuple[str, str, bool] | None = None
    """No request, but an administrator's hand: flag, login, value."""

    def curl(self, url: str) -> str:
        """The line that sends it; marks stand for what earlier answers held."""
        if self.admin is not None:
            flag, login, wanted = self.admin
            return f"# an administrator sets {flag} of {login} to {wanted}"
        parts = ["curl", "-sS", "-i", "-X", self.method]
        if self.method == "HEAD":
            parts = ["curl", "-sS", "-I"]
        for name, value in self.headers:
            parts += ["-H", f"{name}: {value}"]
        if self.body is not None:
            text = self.body if isinstance(self.body, str) else self.body.decode("latin-1")
            parts += ["--data-binary", text]
        return shlex.join([*parts, url + self.path])


@dataclass(frozen=True)
class SeenMail:
    """One mail, as a side sent it."""

    to: tuple[str, ...]
    from_: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Answer:
    """What a side answered: one response and the mails that went out with it."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    mails: tuple[SeenMail, ...] = ()
    date: float | None = None
    """The server's clock, by its Date header."""

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None

    def cookies(self) -> list[tuple[str, str]]:
        """Name and value of each cookie that is set."""
        found = []
        for key, value in self.headers:
            if key.lower() == "set-cookie":
                name, _, rest = value.partition("=")
                found.append((name.strip(), rest.partition(";")[0]))
        return found


@dataclass
class Difference:
    """Where two answers to one step differ."""

    step: Step
    real: Answer
    mock: Answer
    points: list[str] = field(default_factory=list)
    """One sentence each."""
    known: str | None = None
    """The id of the known difference that it is."""
