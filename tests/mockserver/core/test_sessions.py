"""Sessions and CSRF."""

from typing import Any

import pytest

from .client import PASSWORD, Client
from .test_users import with_djoser


def logged_in() -> tuple[Client, dict[str, str]]:
    """A client of a session deployment, and its cookies."""
    client = Client(with_djoser("hypersaas", CREATE_SESSION_ON_LOGIN=True))
    client.world.put_user("ada@example.com", password=PASSWORD)
    body = {"email": "ada@example.com", "password": PASSWORD}
    return client, client.post("token/login/", body).cookies()


def jar(cookies: dict[str, str], *names: str) -> str:
    return "; ".join(f"{name}={cookies[name]}" for name in names)


def test_a_login_sets_both_cookies_and_a_session_reads() -> None:
    client, cookies = logged_in()
    assert set(cookies) == {"sessionid", "csrftoken"}
    assert client.get("users/me/", cookie=jar(cookies, "sessionid")).status == 200


@pytest.mark.parametrize(
    ("names", "token", "reason"),
    [
        (("sessionid",), None, "CSRF cookie not set."),
        (("sessionid", "csrftoken"), None, "CSRF token missing."),
        (
            ("sessionid", "csrftoken"),
            "x",
            "CSRF token from the 'X-Csrftoken' HTTP header has incorrect length.",
        ),
        (
            ("sessionid", "csrftoken"),
            "a" * 32,
            "CSRF token from the 'X-Csrftoken' HTTP header incorrect.",
        ),
    ],
)
def test_a_session_writes_only_with_its_token(
    names: tuple[str, ...], token: str | None, reason: str
) -> None:
    client, cookies = logged_in()
    headers: dict[str, Any] = {} if token is None else {"x_csrftoken": token}
    answer = client.send("PATCH", "users/me/", {}, cookie=jar(cookies, *names), **headers)
    assert (answer.status, answer.json) == (403, {"detail": f"CSRF Failed: {reason}"})


def test_a_session_with_its_token_writes() -> None:
    client, cookies = logged_in()
    both = jar(cookies, "sessionid", "csrftoken")
    token = cookies["csrftoken"]
    change = {"name": "Ada"}
    answer = client.send("PATCH", "users/me/", change, cookie=both, x_csrftoken=token)
    assert answer.json["name"] == "Ada"
    form = f"name=B&csrfmiddlewaretoken={token}".encode()
    kind = "application/x-www-form-urlencoded"
    post = client.post("users/set_password/", raw=form, content_type=kind, cookie=both)
    assert post.status == 400
    foreign = client.send(
        "PATCH", "users/me/", change, cookie=both, x_csrftoken=token, origin="http://evil.test"
    )
    assert "Origin checking failed" in foreign.json["detail"]


def test_a_posted_body_is_read_before_the_method_is_looked_at() -> None:
    client, cookies = logged_in()
    both, token = jar(cookies, "sessionid", "csrftoken"), cookies["csrftoken"]
    answer = client.post(
        "users/me/", raw=b"<a/>", content_type="application/xml", cookie=both, x_csrftoken=token
    )
    assert answer.status == 415


def test_a_session_ends_with_its_password() -> None:
    client, cookies = logged_in()
    client.world.put_user("ada@example.com", password="staple battery 34")
    answer = client.get("users/me/", cookie=jar(cookies, "sessionid"))
    assert answer.status == 403
    assert answer.cookies() == {"sessionid": '""'}


def test_a_session_of_an_inactive_account_sleeps() -> None:
    client, cookies = logged_in()
    cookie = jar(cookies, "sessionid")
    client.world.put_user("ada@example.com", is_active=False)
    answer = client.get("users/me/", cookie=cookie)
    assert (answer.status, answer.cookies()) == (403, {})
    client.world.put_user("ada@example.com", is_active=True)
    assert client.get("users/me/", cookie=cookie).status == 200


def test_a_password_change_keeps_the_session_under_another_key() -> None:
    client, cookies = logged_in()
    both, token = jar(cookies, "sessionid", "csrftoken"), cookies["csrftoken"]
    body = {"new_password": "staple battery 34", "current_password": PASSWORD}
    answer = client.post("users/set_password/", body, cookie=both, x_csrftoken=token)
    assert answer.status == 204
    new = answer.cookies()["sessionid"]
    assert client.get("users/me/", cookie=f"sessionid={new}").status == 200
    assert client.get("users/me/", cookie=both).status == 403


def test_a_logout_ends_the_session() -> None:
    client, cookies = logged_in()
    both, token = jar(cookies, "sessionid", "csrftoken"), cookies["csrftoken"]
    answer = client.post("token/logout/", cookie=both, x_csrftoken=token)
    assert (answer.status, answer.cookies()) == (204, {"sessionid": '""'})
    assert client.get("users/me/", cookie=both).status == 403


def test_a_broken_csrf_cookie_is_replaced_on_any_call() -> None:
    answer = Client().get("/nowhere", cookie="csrftoken=x")
    assert (answer.status, list(answer.cookies())) == (404, ["csrftoken"])


def test_a_masked_token_counts_as_its_secret() -> None:
    client, cookies = logged_in()
    mask = "b" * 32
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    cipher = "".join(letters[(letters.index(c) + 1) % 62] for c in cookies["csrftoken"])
    answer = client.send(
        "PATCH",
        "users/me/",
        {},
        cookie=jar(cookies, "sessionid", "csrftoken"),
        x_csrftoken=mask + cipher,
    )
    assert answer.status == 200


@pytest.mark.parametrize(
    ("referer", "reason"),
    [
        (None, "no Referer."),
        ("x", "Referer is malformed."),
        ("http://api.test/", "Referer is insecure while host is secure."),
        ("https://evil.test/", "https://evil.test/ does not match any trusted origins."),
    ],
)
def test_https_asks_for_a_referer_too(referer: str | None, reason: str) -> None:
    from authspec_mock.core.wire import Request

    client, cookies = logged_in()
    headers = {"host": "api.test", "cookie": jar(cookies, "sessionid", "csrftoken")}
    if referer is not None:
        headers["referer"] = referer
    request = Request("PATCH", "/auth/users/me/", headers=headers, scheme="https")
    response, _ = client.world.handle(request)
    assert f"Referer checking failed - {reason}".encode() in response.body
