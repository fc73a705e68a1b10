"""The target: reached politely, and whatever goes wrong on the way is told in a few words."""

import io
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from authspec_conformance import target as target_module
from authspec_conformance.errors import BudgetSpent, Inconclusive, TimeUsedUp
from authspec_conformance.journal import Journal
from authspec_conformance.redaction import Redactor
from authspec_conformance.target import Target, TargetOptions, base_url
from authspec_contract.errors import TargetError, UsageError
from authspec_contract.profile import Profile
from authspec_contract.results import ResultsWriter

from .servers import CUT_OFF, drip, drip_head, drop, hang, http

PROFILE = Profile(name="p")


def target(url: str, **options) -> Target:
    journal = Journal(ResultsWriter(io.StringIO()), Redactor())
    return Target(TargetOptions(url, **options), PROFILE, journal, journal._redactor)


# --- its URL ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://h:8000", "http://h:8000"),
        ("http://h:8000/", "http://h:8000"),
        ("http://h:8000/auth/", "http://h:8000"),
        ("http://h:8000/auth", "http://h:8000"),
        ("https://h/app/auth/", "https://h/app"),
        ("https://h/app", "https://h/app"),
        ("h:8000", "http://h:8000"),
        ("127.0.0.1:8000/auth/", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://h/oauth", "https://h/oauth"),
    ],
)
def test_the_url_may_be_given_with_or_without_slash_prefix_and_protocol(url, base):
    assert base_url(url, "/auth/") == base


def test_a_prefix_that_is_the_root_takes_nothing_away():
    assert base_url("http://h/app/", "/") == "http://h/app"


@pytest.mark.parametrize(
    "url",
    [
        "", "http://", "ftp://h", "file:///etc/passwd", "http://h:99999", "http://h:x", "http://[::1",
        "http://h?x=1", "http://h/#a", "http://h a/", "://h", "http:///auth/",
    ],
)  # fmt: skip
def test_a_url_that_is_none_is_refused_in_one_sentence(url):
    with pytest.raises(UsageError) as caught:
        base_url(url, "/auth/")
    assert "\n" not in str(caught.value)
    assert "The URL" in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://ada:pa55word@h/", "ada:pa55word@h:80", "ftp://ada:pa55word@h"]
)
def test_a_user_in_the_url_is_refused_and_not_repeated(url):
    with pytest.raises(UsageError) as caught:
        base_url(url, "/auth/")
    assert "pa55word" not in str(caught.value)


# --- no answer --------------------------------------------------------------------------------


def why(url: str, **options) -> str:
    start = time.monotonic()
    with pytest.raises(TargetError) as caught:
        target(url, timeout=0.3, **options).call("GET", "users/me/")
    assert time.monotonic() - start < 5
    said = str(caught.value)
    assert said.startswith(f"GET {url}/auth/users/me/ got no answer: ")
    return said.partition("answer: ")[2]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (hang, "no byte came for 0.3 s"),
        (drop, "it closed the connection without an answer"),
        (drip, "its answer had no end after 0.9 s"),
        (drip_head, "its answer had no end after 0.9 s"),
        (CUT_OFF, "its answer broke off in the middle"),
        (http(200, "{}", more=["Content-Encoding: gzip"]), "its body is not compressed as"),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", ""),
    ],
)
def test_a_server_that_does_not_answer_is_told_by_what_it_does(serve, answer, said):
    assert said in why(serve(answer).url)


def test_a_port_where_nothing_listens_is_told():
    assert why("http://127.0.0.1:9") == "the connection was refused; nothing listens there."


def test_a_host_that_nobody_knows_is_told():
    assert why("http://no-such-host.invalid") == "its host name is unknown."


def test_a_server_without_tls_is_told(serve):
    url = serve(http(200, "{}")).url.replace("http:", "https:")
    assert why(url) == "it does not speak TLS; its URL may begin with http://."


def test_a_proxy_that_is_not_there_is_told(serve):
    said = why(serve(http(200)).url, proxy="http://127.0.0.1:9")
    assert said == "the proxy did not pass it on; look at [target] proxy."


# --- answers ----------------------------------------------------------------------------------


def test_no_redirect_is_followed(serve):
    elsewhere = serve(http(200, '{"here": true}'))
    here = serve(http(302, more=[f"Location: {elsewhere.url}/"]))
    assert target(here.url).call("GET", "/").status == 302
    assert elsewhere.requests == []


def test_a_cookie_is_seen_and_not_sent_back(serve):
    server = serve(
        http(200, "{}", more=["Set-Cookie: sessionid=abcdefgh; Path=/", "Set-Cookie: a=b"])
    )
    tried = target(server.url)
    assert tried.call("GET", "/").cookies == {"sessionid": "abcdefgh", "a": "b"}
    tried.call("GET", "/")
    assert not [request for request in server.requests if "Cookie" in request]


def test_proxies_and_credentials_of_the_machine_do_not_get_in(serve, monkeypatch, tmp_path):
    server = serve(http(200, "{}"))
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")
    assert target(server.url).call("GET", "/").status == 200
    assert "Authorization" not in server.requests[0]


def test_a_body_that_never_ends_is_cut_off(serve, monkeypatch):
    monkeypatch.setattr(target_module, "LONGEST_BODY", 1000)
    assert len(target(serve(http(200, "x" * 5000)).url).call("GET", "/").body) == 1000


def test_configured_headers_go_with_every_call_and_a_calls_own_win(serve):
    server = serve(http(200, "{}"))
    tried = target(server.url, headers={"X-Gate": "open", "Accept": "text/html"})
    tried.call("GET", "/", headers={"Accept": "*/*"})
    assert "X-Gate: open" in server.requests[0]
    assert "Accept: */*" in server.requests[0]
    assert "text/html" not in server.requests[0]


def test_json_goes_as_javascript_writes_it_lone_surrogates_included(serve):
    server = serve(http(200, "{}"))
    target(server.url).call("POST", "/", json_body={"a": "\ud800é"})
    assert server.requests[0].endswith('{"a": "\\ud800\\u00e9"}')


def test_calls_sent_together_all_arrive(serve):
    server = serve(http(200, "{}"))
    tried = target(server.url)
    replies = tried.together([tried.prepare("GET", f"/{n}") for n in range(8)])
    assert [reply.status for reply in replies] == [200] * 8
    assert len({reply.exchange for reply in replies}) == 8


def test_listeners_see_every_reply(serve):
    tried = target(serve(http(200, "{}")).url)
    seen: list[str] = []
    tried.on_reply.append(lambda reply: seen.append(str(reply)))
    tried.call("GET", "users/")
    assert seen == ["GET /auth/users/ → 200"]


# --- politeness -------------------------------------------------------------------------------


def test_a_429_is_waited_for_and_tried_again(serve):
    server = serve([http(429, more=["Retry-After: 0.2"]), http(200, "{}")])
    start = time.monotonic()
    assert target(server.url).call("GET", "/").status == 200
    assert time.monotonic() - start >= 0.2


def test_a_long_wait_is_told_of_once(serve, monkeypatch):
    monkeypatch.setattr(target_module, "_LONG", 0.1)
    server = serve([http(429, more=["Retry-After: 0.1"]), http(200, "{}")] * 2)
    tried, told = target(server.url), []
    tried.on_long_wait = told.append
    assert [tried.call("GET", "/").status for _ in range(2)] == [200, 200]
    assert told == [0.1]


def test_a_429_may_give_a_date(serve):
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)
    server = serve([http(429, more=[f"Retry-After: {soon}"]), http(200, "{}")])
    assert target(server.url).call("GET", "/").status == 200


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_date_is_of_the_targets_own_clock(serve, hours):
    there = datetime.now(UTC) + timedelta(hours=hours)
    now, soon = (
        format_datetime(moment, usegmt=True) for moment in (there, there + timedelta(seconds=1))
    )
    server = serve(
        [http(429, more=[f"Date: {now}", f"Retry-After: {soon}"]), http(200, "{}")],
    )
    start = time.monotonic()
    assert target(server.url).call("GET", "/").status == 200
    assert time.monotonic() - start >= 1


def test_a_date_that_is_over_is_no_wish_to_be_asked_at_once(serve):
    past = format_datetime(datetime.now(UTC) - timedelta(hours=2), usegmt=True)
    server = serve([http(429, more=[f"Retry-After: {past}"]), http(200, "{}")])
    start = time.monotonic()
    assert target(server.url).call("GET", "/").status == 200
    assert time.monotonic() - start >= 1


def test_a_wait_until_a_date_is_told_as_one(serve):
    late = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    server = serve(http(429, "{}", more=[f"Retry-After: {late}"]))
    with pytest.raises(Inconclusive, match=f"asks to wait until {late};"):
        target(server.url).call("GET", "/")


def test_a_target_that_keeps_refusing_is_inconclusive_and_no_failure(serve):
    server = serve(http(429, "{}", more=["Retry-After: 0"]))
    with pytest.raises(Inconclusive, match="limits the rate of requests"):
        target(server.url).call("GET", "/")
    assert len(server.requests) == target_module.TRIES


def test_a_wait_of_an_hour_is_not_waited_for(serve):
    server = serve(http(429, "{}", more=["Retry-After: 3600"]))
    with pytest.raises(Inconclusive, match="asks to wait for 3600 s"):
        target(server.url).call("GET", "/")
    assert len(server.requests) == 1


PAGE = "<html>503 Service Temporarily Unavailable</html>"


def test_a_page_with_503_may_be_a_limit_and_is_tried_again(serve):
    server = serve([http(503, PAGE, more=["Retry-After: 0"]), http(200, "{}")])
    assert target(server.url).call("GET", "/").status == 200


def test_a_503_that_stays_is_an_answer_and_is_soon_no_more_waited_for(serve):
    server = serve(http(503, PAGE, more=["Retry-After: 0"]))
    tried = target(server.url)
    assert [tried.call("GET", "/").status for _ in range(4)] == [503] * 4
    assert len(server.requests) == 2 * target_module.TRIES + 2


def test_a_503_of_the_api_itself_is_an_answer(serve):
    server = serve(http(503, '{"detail": "down"}'))
    assert target(server.url).call("GET", "/").status == 503
    assert len(server.requests) == 1


def test_refusals_of_a_race_are_inconclusive_too(serve):
    tried = target(serve(http(429, "{}")).url)
    with pytest.raises(Inconclusive, match="limits the rate"):
        tried.together([tried.prepare("GET", "/")] * 2)


def test_a_race_is_decided_by_the_calls_that_the_target_let_in(serve):
    answers = [http(200, "{}"), http(200, "{}"), http(429, "{}")]
    tried = target(serve(answers).url)
    replies = tried.together([tried.prepare("GET", "/")] * 4)
    assert [reply.status for reply in replies] == [200, 200]


def test_a_rate_limit_of_its_own_spaces_the_calls(serve):
    tried = target(serve(http(200, "{}")).url, rate=20)
    start = time.monotonic()
    for _ in range(5):
        tried.call("GET", "/")
    assert time.monotonic() - start >= 0.2


def test_the_budget_of_requests_is_never_exceeded(serve):
    server = serve(http(200, "{}"))
    tried = target(server.url, max_requests=2)
    tried.call("GET", "/")
    tried.call("GET", "/")
    with pytest.raises(BudgetSpent, match="budget of 2 requests is spent"):
        tried.call("GET", "/")
    assert len(server.requests) == 2


def test_after_max_seconds_nothing_is_sent(serve):
    server = serve(http(200, "{}"))
    tried = target(server.url, max_seconds=1e-9)
    with pytest.raises(TimeUsedUp, match="--max-seconds"):
        tried.call("GET", "/")
    assert server.requests == []
