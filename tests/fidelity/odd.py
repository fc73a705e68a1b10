"""Odd things that clients send: values, passwords, headers, bodies, paths."""

import base64
from typing import Any

from authspec_contract.profile import Field, Profile

LEFT_OUT = object()
VALUES: tuple[Any, ...] = (
    LEFT_OUT, None, "", " ", "  x  ", 0, 1, -5, 1.5, 1e300, True, False, [], ["a"], {}, {"a": 1},
    "a" * 300, "nul\x00", "lone \ud800", "ünïcødé ☃ \U0001f600", "<b>&amp;</b>", "\u2028\u2029",
    "\u200b", "\t\n", "0", "null", 12345678901234567890, "‮abc",
)  # fmt: skip
PASSWORDS: tuple[Any, ...] = (
    "x", "password", "12345678", "123456789012345", "abc", "  trimmed-Wort-9  ", "é" * 4,
    "qwertyuiop", "a" * 200, "ann@example.com", "annexample", "example.com", " " * 12, "PASSWORD1",
    "wrong-Guess-42", "", None, 12345678, 1.25, True, [], "nul\x00pass-word-9", "trimmed-Wort-9",
    "iloveyou", "ａｎｎ＠ｅｘａｍｐｌｅ", "lone-\udfff-surrogate", "00000000", "٠١٢٣٤٥٦٧٨٩", "²²²²²²²²",
)  # fmt: skip
EMAILS: tuple[Any, ...] = (
    "plain", "a@b", "a@localhost", "a b@example.com", "ünï@example.com", "a@münchen.de", "",
    "a@example..com", '"quoted one"@example.com', "a@[127.0.0.1]", "@example.com", "a@", None, 5,
    "x" * 65 + "@example.com", "x" * 250 + "@example.com", "nobody@example.com", ["a@b.de"], True,
    "a@-example.com", ".a@example.com", "a.@example.com", "a@EXAMPLE.COM", "a\n@example.com",
    "a@example.com\n", "nul\x00@example.com", "a@example.c", "a@1.2.3.4", "a+b%c@example.org",
    "a@[::1]", "a@" + "d" * 63 + ".com", "a@" + "d" * 64 + ".com", "lone\ud800@example.com",
)  # fmt: skip
USERNAMES: tuple[Any, ...] = (
    "", " ", "a b", "ünï", "a/b", "me", "x" * 150, "x" * 151, "a@b+c.d-e_f", None, 7, True, [],
    "ａｎｎ", "ann\n", "nul\x00", "☃", " ann ", "ﬁ", "lone\ud800",
)  # fmt: skip
UIDS: tuple[Any, ...] = (
    "MQ", "Mg", "OTk", "", "!!", "MQ==", " MQ ", "x", "éé", None, 1, True, [], "AAAA", "LTE",
    "MQo", "MS41", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "NGU", "bnVsAA", "_w", "Mjc", "YWJj",
    "MDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAw", "\x00", "٣",
)  # fmt: skip
TOKENS: tuple[Any, ...] = (
    "x", "", "a-b", "c3g3vj-abc123", None, 123, True, [], "-", "zzzzzzzzzzzzzz-0", "é-ü",
    "diiqdr-49cc306f1952fb7e06d073a510dcf4e1", " ", "a-b-c", "\x00",
)  # fmt: skip
WEB_TOKENS: tuple[Any, ...] = (
    "x", "a.b.c", "", None, 5, [], "..", "eyJhbGciOiJub25lIn0.e30.", "é.é.é",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.AAAA", " ", "\x00",
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoxfQ.AAAA",
)  # fmt: skip
IDS = ("1", "2", "3", "99", "0", "-1", "01", "abc", "1e3", "٣", "9" * 25, "me", "%00", "1%2F2",
       "00000000-0000-4000-8000-000000000000", "1.json", "%20", "+1", "1_0", "é")  # fmt: skip
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FOO", "PROPFIND")
ACCEPTS = (
    "application/json", "text/html", "*/*", "application/xml", "text/*", "application/*", "",
    "application/json; indent=4", "text/html, application/json;q=0.9", "application/json;q=0",
    "text/html;q=0.5, */*;q=0.1", "nonsense", "application/json; charset=latin-1", "/", ",",
    "text/csv, application/json", "application/json; indent=x", "application/json;version=2",
)  # fmt: skip
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_MULTI = "multipart/form-data; boundary=b"
BODIES: tuple[tuple[str | None, str | bytes], ...] = (
    (_JSON, b""), (_JSON, b"{"), (_JSON, b"[]"), (_JSON, b"null"), (_JSON, b'"text"'),
    (_JSON, b"5"), (_JSON, b"true"), (_JSON, b"{}"), (_JSON, b'{"email": NaN}'), (_JSON, b"NaN"),
    (_JSON, b'{"email": "a", "email": "b"}'), (_JSON, b"\xff\xfe"), (_JSON, b'{"email": "\xff"}'),
    (_JSON, '{"email": "x"}'.encode("utf-16")), (_JSON, b'\xef\xbb\xbf{"email": "x"}'),
    (_JSON, b"{} {}"), (_JSON, b'{"email": "a",}'), (_JSON, b"{'email': 1}"),
    (_JSON, b"[" * 2000), (_JSON, b"1" * 5000), (_JSON, b'{"email": ' + b"9" * 5000 + b"}"),
    (_JSON, b'[{"email": "x"}]'), (_JSON, b'{"email": "a\nb"}'), (_JSON, b'{"email": Infinity}'),
    (_JSON, b'{"uid": {"a": 1}, "token": [1]}'), (_JSON, b'{"email": "\\ud800"}'),
    (_JSON, b' \n {"email":"x"} \n'), (_JSON, b'{"": 1}'), (_JSON, b"/* */ {}"),
    ("application/json; charset=utf-8", b'{"email": "x"}'),
    ("application/json; charset=latin-1", b'{"email": "\xe9@example.com"}'),
    ("application/json; charset=nonsense", b'{"email": "x"}'),
    ("APPLICATION/JSON", b'{"email": "x"}'), ("application/json;", b'{"email": "x"}'),
    ("application/vnd.api+json", b'{"email": "x"}'), ("text/plain", b"hello"), ("text/plain", b""),
    ("application/xml", b"<a/>"), ("nonsense", b"x"), ("", b"{}"), (None, b"{}"), (None, b""),
    ("application/json, text/plain", b"{}"), ("/", b"{}"), ("application/*", b"{}"),
    ("*/*", b"{}"), ("text/json", b"{}"),
    (_FORM, b""), (_FORM, b"email=a&email=b"), (_FORM, b"email"), (_FORM, b"email=%ff"),
    (_FORM, b"email=%zz&&=&x"), (_FORM, b"email=a;password=b"), (_FORM, b"email=\xe9"),
    (_FORM, b"email=a%00b"), (_FORM, b'{"email": "x"}'), (_FORM, b"email=a+b%40c"),
    ("application/x-www-form-urlencoded; charset=latin-1", b"email=%e9"),
    ("application/x-www-form-urlencoded; charset=nonsense", b"email=x"),
    (_MULTI, b""), (_MULTI, b"nonsense"), ("multipart/form-data", b"--b--"),
    (_MULTI, b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\nx\r\n--b--\r\n'),
    (_MULTI, b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\n\xff\r\n--b--\r\n'),
    (_MULTI, b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\nx'),
    (_MULTI, b'--b\r\nContent-Disposition: form-data; name="email"; filename="a.txt"\r\n'
             b"Content-Type: text/plain\r\n\r\nx\r\n--b--\r\n"),
    (_MULTI, b"--b\r\n\r\nx\r\n--b--\r\n"), (_MULTI, b"--b--\r\n"), (_MULTI, b"--c--\r\n"),
    ("multipart/form-data; boundary=", b"--b--\r\n"),
    ("multipart/mixed; boundary=b", b"--b--\r\n"),
    (_JSON, '{"email": "' + "x" * 5000 + '@example.com"}'),
    (_JSON, '{"refresh": "<<access#1>>"}'), (_JSON, '{"token": "<<refresh#1>>"}'),
)  # fmt: skip


def basic(login: str, password: str) -> str:
    """An Authorization header of the Basic scheme."""
    raw = f"{login}:{password}".encode("utf-8", "replace")
    return "Basic " + base64.b64encode(raw).decode()


def authorizations(profile: Profile) -> tuple[str, ...]:
    """Authorization headers that are wrong in some way, or nearly right."""
    word = profile.simple_jwt.AUTH_HEADER_TYPES[0]
    token = "<<access#1>>"
    return (
        "", " ", word, f"{word} ", f"{word} x", f"{word} {token} x", f"{word}  {token}", token,
        f"{word.lower()} {token}", f"{word.upper()} {token}", f"Bearer {token}", f"JWT {token}",
        f"{word} <<access#1|flip>>", f"{word} <<access#1|cut>>", f"{word} <<refresh#1>>",
        "Token", "Token ", "Token x", "Token <<auth_token#1>> x", "token <<auth_token#1>>",
        "TOKEN <<auth_token#1>>", "Token <<auth_token#1|upper>>", "Token é", f"{word} é",
        f"Token {token}", f"{word} <<auth_token#1>>", "Basic", "Basic x", "Basic a b",
        "Basic " + base64.b64encode(b"nobody").decode(), basic("nobody@example.com", "x"),
        basic("ann@example.com", "rote-Katze-17"), "Digest x", f"{word} eyJhbGciOiJub25lIn0.e30.",
        f"{word} a.b.c", f"{word} <<access#1|head>>", "Basic é", "\tToken x",
    )  # fmt: skip


def good_values(field: Field) -> tuple[Any, ...]:
    """Values of a field's type, the edges among them."""
    by_type: dict[str, tuple[Any, ...]] = {
        "integer": (0, 1, -1, "7", 2**31, 2**63, "1.0", 1.0, 1.5, "x", "", None, True, " 3 "),
        "string": ("Ann", "Zoë ☃", "", "  spaced  ", "x" * 255, "x" * 256, 5, None, "<i>"),
        "boolean": (True, False, "true", "False", "yes", "0", 1, 0, None, "", "maybe", "null", 2),
        "uuid": ("8c1d0f3e-6c3b-4b3f-9a3e-0c1d2e3f4a5b", "x", "", None, 5,
                 "8C1D0F3E6C3B4B3F9A3E0C1D2E3F4A5B", "{8c1d0f3e-6c3b-4b3f-9a3e-0c1d2e3f4a5b}"),
        "date": ("2024-02-29", "2023-02-29", "2024-2-9", "", None, 5, "20240229", "2024-02-29T00:00"),
        "datetime": ("2024-02-29T12:00:00Z", "2024-02-29", "2024-02-29 12:00", "", None, "x", 5,
                     "2024-02-29T12:00:00.123456+02:00", "0001-01-01T00:00:00+14:00"),
        "choice": (*field.choices, "other", "", None, 1, True, []),
        "email": ("second@example.com", "x", "", None, "Ann@EXAMPLE.com"),
        "username": ("second", "a b", "", None),
    }  # fmt: skip
    return by_type[field.type]


def right_paths(profile: Profile) -> tuple[str, ...]:
    """The paths that Djoser serves, below the prefix."""
    login = profile.user.login_field
    actions = ("", "me/", "activation/", "resend_activation/", "reset_password/",
               "reset_password_confirm/", "set_password/", f"set_{login}/", f"reset_{login}/",
               f"reset_{login}_confirm/", "1/")  # fmt: skip
    paths = [f"users/{action}" for action in actions]
    if "jwt" in profile.urls:
        paths += ["jwt/create/", "jwt/refresh/", "jwt/verify/"]
    if "token" in profile.urls:
        paths += ["token/login/", "token/logout/"]
    return (*paths, "")


def paths(profile: Profile) -> tuple[str, ...]:
    """Paths that are nearly right."""
    return (
        "users", "users/me", "users/activation", "users//", "users/me//", "Users/", "users/me.json",
        "users.json", "users/1.json", "users/activation.json", "users/me.json/", "users/me.xml",
        "users/?format=json", "users/me/?format=api", "users/?format=xml", "users/me/?format=",
        "users/me/extra/", "nothing/", "jwt/create", "jwt/createXYZ", "jwt/", "jwt/create/more",
        "token/login", "token/logout", "token/login/x", "token/", ".json", "?format=json",
        "users/set_email/", "users/set_username/", "users/reset_email/", "users/%2e%2e/",
        "users/me/?x=1&y", "users?x=%C3%A9", "users/%ff/",
        "users/me%20/", "users/me/%0a", "users/password/", "users/me/?format=json&format=api",
    )  # fmt: skip
