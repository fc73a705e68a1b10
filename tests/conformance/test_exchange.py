"""Exchanges as they are written down: redacted, bounded, and as a shell line that does it again."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping

import pytest

from authspec_conformance.exchange import MISSING, SHOWN_BODY, Call, Reply, curl, recorded
from authspec_conformance.redaction import Redactor

from .servers import Server, http, serving

JSON = {"Content-Type": "application/json"}
TOKEN = "0123456789abcdef0123456789abcdef01234567"


def reply_to(call: Call, body: bytes, **headers: str) -> Reply:
    return Reply(1, call, 200, headers, body, 0.1)


def knowing(*secrets: str) -> Redactor:
    redactor = Redactor()
    for secret in secrets:
        redactor.learn(secret)
    return redactor


# --- replies ----------------------------------------------------------------------------------


def test_a_body_that_is_not_json_is_missing_and_false():
    reply = reply_to(Call("GET", "http://h/x"), b"<html>")
    assert reply.json is MISSING
    assert not reply.json


def test_a_body_nested_too_deeply_is_missing():
    assert reply_to(Call("GET", "http://h/x"), b"[" * 100_000).json is MISSING


def test_a_reply_tells_itself_by_method_path_and_status():
    assert str(reply_to(Call("GET", "http://h:1/a/b?c=d"), b"")) == "GET /a/b?c=d → 200"
    assert reply_to(Call("GET", "http://h"), b"").path == "/"


# --- what is written --------------------------------------------------------------------------


def test_no_secret_is_in_a_recorded_exchange():
    redactor = knowing("pass word", 'quo"te\\d', TOKEN)
    body = json.dumps({"name": "my pass word", "x": ['quo"te\\d'], "password": "unknown"})
    call = Call("POST", f"http://h/x?t={TOKEN}", {"Authorization": f"Token {TOKEN}"}, body.encode())
    text = repr(recorded(1, call, reply_to(call, body.encode()), 0.1, redactor, f"no {TOKEN}"))
    for secret in ("pass word", "quo", TOKEN, "unknown"):
        assert secret not in text


def test_a_secret_that_json_writes_with_escapes_is_found():
    redactor = knowing("Пароль-\u00e9-1")
    body = json.dumps({"email": "Пароль-\u00e9-1"}).encode()
    call = Call("POST", "http://h/", JSON, body)
    line = recorded(1, call, None, 0.1, redactor, None)
    assert line.request.body == '{"email": "$PASSWORD_1"}'


@pytest.mark.parametrize("key", ["password", "new_password", "current_password", "token", "access"])
def test_what_stands_under_a_secrets_key_is_masked_though_nobody_taught_it(key):
    call = Call("POST", "http://h/", JSON, json.dumps({"a": [{key: "unknown"}]}).encode())
    assert "unknown" not in recorded(1, call, None, 0.1, Redactor(), None).request.body


@pytest.mark.parametrize(
    "body",
    [
        b"email=a%40b.c&password=unknown&re_password=unknown",
        b'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nunknown\r\n--b--\r\n',
        b'<input type="hidden" name="csrfmiddlewaretoken" value="unknown">',
    ],
)
def test_passwords_in_forms_are_masked_though_nobody_taught_them(body):
    shown = recorded(1, Call("POST", "http://h/", {}, body), None, 0.1, Redactor(), None)
    assert "unknown" not in repr(shown)


def test_a_known_password_in_a_form_keeps_its_number():
    call = Call("POST", "http://h/", {}, b"password=known-one&x=1")
    assert recorded(1, call, None, 0.1, knowing("known-one"), None).request.body == (
        "password=$PASSWORD_1&x=1"
    )


def test_a_body_without_secrets_stays_to_the_letter():
    body = b'{ "a":1.50,"a" : "\\u0041" }'
    call = Call("POST", "http://h/", JSON, body)
    assert recorded(1, call, None, 0.1, Redactor(), None).request.body == body.decode()


def test_a_long_body_is_cut_off_and_says_so():
    call = Call("POST", "http://h/", {}, b"x" * 10_000)
    line = recorded(1, call, None, 0.1, Redactor(), None)
    assert len(line.request.body) < SHOWN_BODY + 100
    assert line.request.body.endswith("(10000 bytes in all)")
    assert line.curl.endswith("# its body is cut off")


def test_a_call_without_an_answer_says_why():
    line = recorded(7, Call("GET", "http://h/"), None, 0.1, Redactor(), "it hung")
    assert (line.id, line.status, line.response, line.error) == (7, None, None, "it hung")


# --- the shell line ---------------------------------------------------------------------------


needs_curl = pytest.mark.skipif(
    shutil.which("curl") is None, reason="curl is not here: apt-get install curl"
)


def run(line: str, variables: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        ["sh", "-c", line.replace("curl ", "curl -sS --max-time 5 ", 1)],
        env={"PATH": os.environ["PATH"], "NO_PROXY": "*", **(variables or {})},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def sent_again(call: Call, redactor: Redactor, variables: Mapping[str, str]) -> str:
    """What a server gets when the line runs: its head and body."""
    with serving(http(200, "{}")) as server:
        here = Call(call.method, server.url + call.url, call.headers, call.body)
        run(curl(here, redactor), variables)
        return _one(server)


def _one(server: Server) -> str:
    (request,) = server.requests
    return request


HARD = """'single' "double" `date` $HOME $(id) \\ ! \u00e9 \U0001f600 ; & | > #"""


@needs_curl
@pytest.mark.parametrize("secret", ["", "pa55-word"])
def test_it_sends_the_same_bytes_again_whatever_is_in_them(secret):
    body = json.dumps({"name": HARD, "note": secret}, ensure_ascii=False).encode()
    call = Call("PATCH", "/users/me/?a=b&c='d'", {**JSON, "X-Odd": "'$HOME' `id` \""}, body)
    redactor = knowing(*filter(None, [secret]))
    request = sent_again(call, redactor, {"PASSWORD_1": secret})
    head, _, sent = request.partition("\r\n\r\n")
    assert json.loads(sent.encode("latin-1")) == json.loads(body)
    assert head.startswith("PATCH /users/me/?a=b&c='d' HTTP/1.1")
    assert "X-Odd: '$HOME' `id` \"" in head


@needs_curl
def test_secrets_are_shell_variables_in_it():
    redactor = Redactor()
    redactor.learn("pa55-word", "PASSWORD")
    redactor.learn(TOKEN, "TOKEN")
    body = json.dumps({"password": "pa55-word", "token": TOKEN + "0"}).encode()
    call = Call("POST", "/x", {**JSON, "Authorization": f"Token {TOKEN}"}, body)
    line = curl(Call("POST", "http://h/x", call.headers, body), redactor)
    assert "pa55-word" not in line
    assert TOKEN not in line
    request = sent_again(call, redactor, {"PASSWORD_1": "pa55-word", "TOKEN_1": TOKEN})
    assert f"Authorization: Token {TOKEN}" in request
    assert request.endswith(body.decode())


@needs_curl
def test_a_call_without_a_body_has_none():
    request = sent_again(Call("DELETE", "/x", {"Accept": "application/json"}), Redactor(), {})
    assert request.startswith("DELETE /x ")
    assert "Content-Length" not in request


@needs_curl
def test_a_body_without_a_media_type_gets_none_from_curl():
    assert "Content-Type" not in sent_again(Call("POST", "/x", {}, b"a"), Redactor(), {})


@needs_curl
def test_head_asks_for_the_head_alone():
    assert sent_again(Call("HEAD", "/x"), Redactor(), {}).startswith("HEAD /x ")


@needs_curl
def test_an_empty_header_is_sent_as_one():
    assert "Authorization:" in sent_again(Call("GET", "/x", {"Authorization": ""}), Redactor(), {})


def test_a_body_that_is_no_text_is_pointed_at():
    line = curl(Call("POST", "http://h/", JSON, b"\xff\xfe"), Redactor())
    assert line.endswith("# its body has bytes that are no text")
