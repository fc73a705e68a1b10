"""What deployments put around their views: ids, patience, a firewall, a lock against guessed passwords."""

import json
import time
from collections.abc import Callable
from uuid import uuid4

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import add_never_cache_headers

Next = Callable[[HttpRequest], HttpResponse]
_FAILURES = 5
_SECONDS = 300
_LOGINS = ("jwt/create/", "token/login/")


def request_ids(get_response: Next) -> Next:
    """Each answer has an id of its own, a nonce and a time."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["X-Request-ID"] = request.headers.get("X-Request-ID") or uuid4().hex
        response["Content-Security-Policy"] = f"script-src 'nonce-{uuid4().hex}'"
        add_never_cache_headers(response)  # with an Expires of this second
        return response

    return middleware


def slow(get_response: Next) -> Next:
    """A backend that is far away, or busy."""

    def middleware(request: HttpRequest) -> HttpResponse:
        time.sleep(0.25)
        return get_response(request)

    return middleware


def firewall(get_response: Next) -> Next:
    """Refuses scripts, and methods that nobody needs, with a page of its own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
        if request.method not in known:
            return HttpResponse("<html><h1>405 Not Allowed</h1></html>", status=405)
        if b"<script" in request.body.lower() or "<script" in request.get_full_path().lower():
            return HttpResponse("<html><h1>403 Forbidden</h1></html>", status=403)
        return get_response(request)

    return middleware


def lock_out(get_response: Next) -> Next:
    """After five wrong passwords in a row an account cannot log in for five minutes."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not request.path.endswith(_LOGINS):
            return get_response(request)
        login = _login(request)
        if not isinstance(login, str):
            return get_response(request)
        key = f"failures-{login}".encode().hex()[-200:]
        if cache.get(key, 0) >= _FAILURES:
            text = "Account locked: too many login attempts. Please try again later."
            return JsonResponse({"detail": text}, status=403)
        response = get_response(request)
        if response.status_code in {400, 401}:
            cache.set(key, cache.get(key, 0) + 1, _SECONDS)
        else:
            cache.delete(key)
        return response

    return middleware


def _login(request: HttpRequest) -> object:
    try:
        sent = json.loads(request.body)
    except ValueError:
        return None
    return (sent.get("email") or sent.get("username")) if isinstance(sent, dict) else None
