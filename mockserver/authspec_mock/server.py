"""The mock inside a Python process: `with MockServer() as mock: …`."""

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from authspec_contract.errors import TargetError, UsageError
from authspec_contract.profile import Profile
from authspec_mock.app import WORLD_PATH, MockApp
from authspec_mock.options import Options, options_from
from authspec_mock.outbox import Filter, Message
from authspec_mock.profile_view import changed
from authspec_mock.serving import QuickServer
from authspec_mock.sockets import bind
from authspec_mock.worlds import DEFAULT, MockWorld, put_user, users

T = TypeVar("T")


class OutboxView:
    """The mails of one world, for the thread of a test."""

    def __init__(self, handle: "WorldHandle") -> None:
        self._handle = handle

    def messages(
        self, *, to: str | None = None, kind: str | None = None, after: int = 0
    ) -> tuple[Message, ...]:
        """What is there now, oldest first."""
        wanted = Filter(to, kind, after)
        return self._handle.call(lambda world: world.outbox.messages(wanted))

    @property
    def last_id(self) -> int:
        """What `after` takes, to see only what comes from now on."""
        return self._handle.call(lambda world: world.outbox.last_id)

    def wait(
        self,
        *,
        to: str | None = None,
        kind: str | None = None,
        after: int = 0,
        timeout: float = 5.0,
    ) -> Message:
        """The oldest matching mail, as soon as there is one; one that is there already counts.

        Raises TargetError when the time is up, which lists the mails that did arrive.
        """
        wanted = Filter(to, kind, after)

        async def waiting(world: MockWorld) -> tuple[Message, ...]:
            return await world.outbox.wait(wanted, timeout)

        found = self._handle.run(waiting)
        if found:
            return found[0]
        arrived = [f"{m.mail.kind} to {', '.join(m.mail.to)}" for m in self.messages(after=after)]
        sought = " ".join(filter(None, (kind, to and f"to {to}"))) or "any mail"
        raise TargetError(
            f"No mail ({sought}) within {timeout:g} s; arrived: {'; '.join(arrived) or 'none'}."
        )

    def clear(self) -> int:
        return self._handle.call(lambda world: world.outbox.clear())

    def __len__(self) -> int:
        return len(self.messages())

    def __iter__(self) -> Iterator[Message]:
        return iter(self.messages())


class WorldHandle:
    """One world of a running server, for the thread of a test."""

    def __init__(self, server: "MockServer", name: str) -> None:
        self._server = server
        self.name = name
        self.outbox = OutboxView(self)

    @property
    def url(self) -> str:
        """Where its API is mounted, without a slash at the end."""
        return f"{self._server.base_url}{WORLD_PATH}{self.name}"

    def reset(self) -> dict[str, int]:
        """Back to the seed; says what was cleared."""
        return self.call(lambda world: world.reset())

    def users(self) -> list[dict[str, Any]]:
        """Every user, without passwords."""
        return self.call(users)

    def put_user(self, login: str, **fields: Any) -> Any:
        """Makes or changes a user, without mail: `password`, `is_active`, `is_staff`, `id`, fields."""
        return self.call(
            lambda world: put_user(world, {world.profile.login_field: login, **fields})
        )

    def login(self, login: str) -> Any:
        """Tokens for a user, without a login call."""
        return self.call(lambda world: world.core.login_tokens(login))

    def fault(self, **rule: Any) -> Any:
        """Adds a fault: `match={"path": "users/me/"}, status=503, times=2`."""
        return self.call(lambda world: world.faults.add(rule))

    def advance(self, duration: str | float) -> None:
        """Moves the clock on: `"3d"`, or seconds."""
        self.call(lambda world: world.clock.command({"advance": duration}))

    def requests(self) -> tuple[dict[str, Any], ...]:
        """The journal, oldest first, secrets masked."""
        return self.call(lambda world: tuple(e.as_json() for e in world.journal.entries()))

    @property
    def profile(self) -> Profile:
        return self.call(lambda world: world.profile)

    def change_profile(self, **changes: Any) -> None:
        """Merges the changes into the profile: `djoser={"SEND_ACTIVATION_EMAIL": False}`."""
        self.call(lambda world: world.change_profile(changed(world.profile, changes)))

    def state(self) -> dict[str, Any]:
        """The whole state; `restore` takes it."""
        return self.call(lambda world: world.state())

    def restore(self, state: Mapping[str, Any]) -> None:
        self.call(lambda world: world.restore(state))

    def call(self, action: Callable[[MockWorld], T]) -> T:
        """Carries the action out in the server's thread, where no request is half done."""

        async def calling(world: MockWorld) -> T:
            return action(world)

        return self.run(calling)

    def run(self, action: Callable[[MockWorld], Coroutine[Any, Any, T]]) -> T:
        """The same for an action that waits."""

        async def running() -> T:
            return await action(self._server.app.worlds.get(self.name))

        return self._server.submit(running())


class MockServer(WorldHandle):
    """A mock on a loopback port, in a thread of this process; its attributes are the default world's.

    The arguments are those of `authspec mock`: `profile` is a shipped name, a file, a mapping or
    a `Profile`, and `document` where neither it nor the state says otherwise; `load` is a state or
    its file.
    """

    def __init__(
        self,
        profile: str | Path | Mapping[str, Any] | Profile | None = None,
        port: int = 0,
        host: str = "127.0.0.1",
        **options: Any,
    ) -> None:
        self._set_up(options_from(profile, host=host, **options), port)

    @classmethod
    def of(cls, options: Options, port: int = 0) -> Self:
        """A server with options that are made already."""
        server = cls.__new__(cls)
        server._set_up(options, port)
        return server

    def _set_up(self, options: Options, port: int) -> None:
        super().__init__(self, DEFAULT)
        self.options = options
        self.app = MockApp(options)
        self.port = port
        self._asked_port = port
        self._thread: threading.Thread | None = None
        self._quick: QuickServer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def base_url(self) -> str:
        return f"http://{shown_host(self.options.host)}:{self.port}"

    @property
    def url(self) -> str:
        return self.base_url

    def world(self, name: str) -> WorldHandle:
        """Another world of this server, made at first use."""
        return WorldHandle(self, name)

    def forget(self, name: str) -> None:
        """Drops a world and all that is in it."""

        async def forgetting() -> None:
            self.app.worlds.remove(name)

        self.submit(forgetting())

    def start(self) -> Self:
        """Listens; requests are answered when this returns. Raises UsageError."""
        if self._thread is not None:
            raise UsageError("This mock runs already; make another one.")
        sockets = bind(self.options.host, self._asked_port)
        self.app.open()
        self.port = sockets[0].getsockname()[1]
        started = threading.Event()
        quick = self._quick = QuickServer(self.app, on_started=started.set)

        def serve() -> None:
            try:
                quick.run(sockets)
            finally:
                started.set()

        self._thread = threading.Thread(target=serve, name="authspec-mock", daemon=True)
        self._thread.start()
        started.wait()
        self._loop = quick.loop
        return self

    def stop(self) -> None:
        """Closes every connection and the port; may be called twice."""
        if self._thread is None or self._quick is None:
            return
        self._quick.stop_soon()
        self._thread.join()
        self._thread, self._loop = None, None

    def submit(self, action: Coroutine[Any, Any, T]) -> T:
        """Runs the coroutine in the server's loop, or here while there is none."""
        loop = self._loop
        if loop is None or not loop.is_running():
            # in a thread of its own: the caller may be inside a loop
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                return pool.submit(asyncio.run, action).result()
        future = asyncio.run_coroutine_threadsafe(action, loop)
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            raise TargetError("The mock was stopped in the middle of a call.") from None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with contextlib.suppress(RuntimeError):
            self.stop()


def shown_host(host: str) -> str:
    """The host as it stands in the URL that is printed."""
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]" if ":" in host else host
