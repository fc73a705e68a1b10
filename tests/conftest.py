"""What holds for every test: loopback is reached directly, and nobody's settings get in."""

import os


def pytest_configure() -> None:
    """A proxy of the machine stays in place for what is fetched, and out of the way of the tests."""
    loopback = "127.0.0.1,localhost,::1"
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), loopback)))
    for name in [name for name in os.environ if name.startswith("AUTHSPEC_")]:
        del os.environ[name]
