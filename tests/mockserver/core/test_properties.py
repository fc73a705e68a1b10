"""What holds for any request: an answer below 500, and no change by a refused call."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authspec_mock.core.wire import Request

from .client import PASSWORD, Client

PATHS = (
    "users/", "users/me/", "users/1/", "users/activation/", "users/resend_activation/",
    "users/set_password/", "users/set_email/", "users/reset_password/",
    "users/reset_password_confirm/", "users/reset_email/", "users/reset_email_confirm/",
    "jwt/create/", "jwt/refresh/", "jwt/verify/", "token/login/", "token/logout/", "",
)  # fmt: skip
KEYS = (
    "email", "password", "re_password", "uid", "token", "new_password", "re_new_password",
    "current_password", "new_email", "re_new_email", "name", "refresh",
)  # fmt: skip
TYPES = (
    "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "application/json; charset=utf-16", "text/plain", "",
)  # fmt: skip

text = st.text(max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=4,
)
objects = st.dictionaries(st.sampled_from(KEYS), values, max_size=6)
bodies = objects.map(lambda body: json.dumps(body).encode()) | st.binary(max_size=60)
headers = st.fixed_dictionaries(
    {"host": st.just("api.test"), "content-type": st.sampled_from(TYPES)},
    optional={
        "accept": st.sampled_from(("*/*", "text/html", "a/b")) | text,
        "cookie": text,
        "origin": text,
    },
)
quick = settings(
    max_examples=80,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def signed_in() -> tuple[Client, dict[str, str]]:
    client = Client()
    client.world.put_user("ada@example.com", password=PASSWORD, name="Ada")
    tokens = client.world.login_tokens("ada@example.com")
    schemes = {"token": f"Token {tokens['auth_token']}", "jwt": f"JWT {tokens['access']}"}
    return client, schemes


@quick
@given(
    method=st.sampled_from(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")) | text,
    path=st.sampled_from(PATHS).map("/auth/".__add__) | text,
    query=text,
    head=headers,
    auth=st.sampled_from(("token", "jwt", "none")) | text,
    body=bodies,
)
def test_any_request_gets_an_answer(
    method: str, path: str, query: str, head: dict[str, str], auth: str, body: bytes
) -> None:
    client, schemes = signed_in()
    if auth != "none":
        head = {**head, "authorization": schemes.get(auth, auth)}
    request = Request(method, path, query=query, headers=head, body=body)
    response, _ = client.world.handle(request)
    assert 200 <= response.status < 500


@quick
@given(
    path=st.sampled_from(PATHS), method=st.sampled_from(("POST", "PATCH", "DELETE")), body=objects
)
def test_a_refused_call_changes_nothing_and_mails_nobody(
    path: str, method: str, body: dict[str, Any]
) -> None:
    client, schemes = signed_in()
    before = client.world.snapshot()
    answer = client.send(method, path, body, auth=schemes["jwt"])
    if answer.status >= 400:
        assert client.world.snapshot() == before
        assert answer.mails == ()


@quick
@given(body=objects)
def test_what_a_patch_answers_is_what_me_shows(body: dict[str, Any]) -> None:
    client, schemes = signed_in()
    answer = client.send("PATCH", "users/me/", body, auth=schemes["jwt"])
    shown = client.get("users/me/", auth=schemes["jwt"]).json
    assert shown["email"] == "ada@example.com"
    if answer.status == 200:
        assert answer.json == shown
    else:
        assert shown["name"] == "Ada"
