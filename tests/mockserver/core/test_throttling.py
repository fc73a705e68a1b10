"""Throttles of anonymous callers and of users."""

from dataclasses import replace

from authspec_contract.profile_file import load_profile

from .client import PASSWORD, Client


def throttled(**rates: str) -> Client:
    return Client(replace(load_profile("document"), throttle=rates))


def test_requests_above_the_rate_wait() -> None:
    client = throttled(anon="2/min")
    assert [client.post("users/", {}).status for _ in range(2)] == [400, 400]
    client.clock.now += 1.5
    answer = client.post("users/", {})
    assert answer.status == 429
    message = "Request was throttled. Expected available in 59 seconds."
    assert answer.json == {"detail": message}
    assert answer.header("Retry-After") == "59"
    client.clock.now += 58.5
    assert client.post("users/", {}).status == 400


def test_one_second_is_a_second() -> None:
    client = throttled(anon="1/second")
    client.post("users/", {})
    assert client.post("users/", {}).json["detail"].endswith("in 1 second.")


def test_refused_credentials_do_not_count() -> None:
    client = throttled(anon="1/hour")
    assert [client.get("users/me/").status for _ in range(3)] == [401, 401, 401]
    assert client.post("users/", {}).status == 400


def test_users_count_by_themselves_and_callers_by_what_they_say() -> None:
    client = throttled(anon="1/day", user="1/day")
    client.world.put_user("ada@example.com", password=PASSWORD)
    header = f"JWT {client.world.login_tokens('ada@example.com')['access']}"
    assert [client.get("users/me/", auth=header).status for _ in range(2)] == [200, 429]
    assert client.post("users/", {}).status == 400
    assert client.post("users/", {}).status == 429
    assert client.post("users/", {}, x_forwarded_for="1.2.3.4").status == 400


def test_nothing_is_throttled_unless_the_profile_says_so() -> None:
    client = Client()
    assert {client.post("users/", {}).status for _ in range(50)} == {400}
