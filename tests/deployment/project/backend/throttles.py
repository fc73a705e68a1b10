"""A limit for logins and a wider one for the rest, by the way of DRF's ScopedRateThrottle."""

from typing import Any

from rest_framework.throttling import ScopedRateThrottle


class PerPath(ScopedRateThrottle):
    """Djoser's views name no `throttle_scope`, so the path does."""

    def allow_request(self, request: Any, view: Any) -> bool:
        login = request.path.endswith(("jwt/create/", "token/login/"))
        view.throttle_scope = "login" if login else "users"
        return super().allow_request(request, view)
