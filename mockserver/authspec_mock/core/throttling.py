"""DRF's throttles for anonymous callers and for users (rest_framework/throttling.py 3.18)."""

from typing import TYPE_CHECKING

from authspec_mock.core.part import Part
from authspec_mock.core.rejections import Throttled

if TYPE_CHECKING:
    from authspec_mock.core.call import Call

_PERIODS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Throttling(Part):
    """Counts requests and refuses those above the rate."""

    def check(self, call: "Call") -> None:
        """Raises Throttled with the longest wait that a throttle asks for."""
        waits = []
        for scope, rate in self.world.profile.throttle.items():
            who = self.counted_as(call, scope)
            if who is None:
                continue
            allowed, wait = self.allows(f"{scope}_{who}", rate, call.now)
            if not allowed:
                waits.append(wait)
        if waits:
            raise Throttled(max((w for w in waits if w is not None), default=None))

    def counted_as(self, call: "Call", scope: str) -> str | None:
        """The identity that a request is counted for; None where the scope does not apply."""
        if call.user is None:
            return self.caller(call)
        return str(call.user.id) if scope == "user" else None

    def caller(self, call: "Call") -> str:
        """NUM_PROXIES is unset by default: whatever the client says in X-Forwarded-For counts."""
        forwarded = call.request.headers.get("x-forwarded-for")
        return "".join(forwarded.split()) if forwarded else call.request.client

    def allows(self, key: str, rate: str, now: float) -> tuple[bool, float | None]:
        """Whether one more request is within the rate, and else how long to wait."""
        number, _, period = rate.partition("/")
        most, duration = int(number), _PERIODS[period[0]]
        history = self.world.state.throttles.setdefault(key, [])
        while history and history[-1] <= now - duration:
            history.pop()
        if len(history) < most:
            history.insert(0, now)
            return True, None
        left = duration - (now - history[-1]) if history else float(duration)
        free = most - len(history) + 1
        return False, left / free if free > 0 else None
