"""Configuration files: what they may hold, and one sentence for whatever they may not."""

from datetime import date
from pathlib import Path

import pytest

from authspec_conformance.settings import Settings, read_settings, read_waivers
from authspec_contract.errors import UsageError


def read(
    text: str, environment: dict[str, str] | None = None, name: str = "authspec.toml"
) -> Settings:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return read_settings(path, environment or {})


def complaint(text: str, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        read(text, environment)
    return str(caught.value)


def test_without_a_file_the_defaults_hold():
    assert read_settings(None, {}) == Settings()


def test_every_section_is_read():
    settings = read(
        """
        [target]
        url = "https://staging.example.com"
        profile = "hypersaas"
        headers = {X-Gate = "open"}
        proxy = "http://127.0.0.1:3128"
        delete_bodies = false
        [login]
        scheme = "token"
        [mailbox]
        url = "file:///var/mails"
        wait = "30s"
        [accounts]
        address = "qa+{run}-{n}@example.com"
        given = [{login = "ada@example.com", password = "secret"}]
        [limits]
        accounts = 10
        rate = 2.5
        timeout = "5s"
        max_seconds = "2m"
        [waivers.REG-003]
        failure = "expected 400"
        reason = "mended in May"
        until = 2031-05-31
        """
    )
    assert (settings.url, settings.profile) == ("https://staging.example.com", "hypersaas")
    assert settings.headers == {"X-Gate": "open"}
    assert not settings.delete_bodies
    assert (settings.scheme, settings.mailbox) == ("token", "file:///var/mails")
    assert settings.given[0].login == "ada@example.com"
    assert settings.limits.accounts == 10
    assert (settings.limits.rate, settings.limits.timeout, settings.limits.mail_wait) == (
        2.5,
        5,
        30,
    )
    assert settings.max_seconds == 120
    assert settings.waivers[0].until == date(2031, 5, 31)


def test_limits_that_are_not_named_keep_their_defaults():
    assert read("[limits]\naccounts = 3").limits.requests == Settings().limits.requests


def test_the_wait_for_mails_stays_when_limits_follow_it():
    assert read("[mailbox]\nwait = 3\n[limits]\naccounts = 3").limits.mail_wait == 3


def test_authspec_toml_is_found_by_itself_and_wins_over_pyproject():
    Path("pyproject.toml").write_text("[tool.authspec.target]\nurl = 'http://b'\n")
    assert read_settings(None, {}).url == "http://b"
    Path("authspec.toml").write_text("[target]\nurl = 'http://a'\n")
    assert read_settings(None, {}).url == "http://a"


def test_a_pyproject_may_be_named_and_its_other_tables_do_not_matter():
    text = "[project]\nname = '$x'\n[tool.ruff]\nline-length = 9\n[tool.authspec.target]\nurl = 'http://b'\n"
    assert read(text, name="pyproject.toml").url == "http://b"
    assert read("[project]\nname = 'x'\n", name="pyproject.toml").url is None


def test_a_pyproject_of_others_is_nobodys_business():
    Path("pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert read_settings(None, {}) == Settings()
    Path("pyproject.toml").write_text("tool = 3\n")
    assert read_settings(None, {}) == Settings()


def test_secrets_come_from_the_environment_whole_or_inside_a_text():
    settings = read(
        '[target]\nheaders = {A = "$GATE", B = "Basic ${GATE}=", C = "5 $$"}',
        {"GATE": "open-sesame"},
    )
    assert settings.headers == {"A": "open-sesame", "B": "Basic open-sesame=", "C": "5 $"}
    assert settings.secrets == ("open-sesame",)


def test_no_secret_shows_in_a_repr():
    settings = read(
        '[target]\nheaders = {A = "$GATE"}\n[[accounts.given]]\nlogin = "a"\npassword = "$GATE"',
        {"GATE": "open-sesame"},
    )
    assert "open-sesame" not in repr(settings)


def test_a_complaint_names_the_variable_and_never_its_value():
    said = complaint('[limits]\naccounts = "$GATE"', {"GATE": "open-sesame"})
    assert "open-sesame" not in said
    assert "$GATE" in said


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[target", "not valid TOML"),
        ("a = 1", "unknown key 'a'"),
        ("[tarket]", "[tarket]; did you mean 'target'?"),
        ("target = 1", "[target] is 1; expected a mapping"),
        ("[target]\nurl = 3", "[target].url is 3; expected a text"),
        ("[target]\nulr = 'http://x'", "'ulr'; did you mean 'url'?"),
        ("[target]\nheaders = ['x']", "headers"),
        ("[target]\nheaders = {X = 1}", "headers.X is 1; expected a text"),
        ("[target]\nca = 'nowhere.pem'", "a file of CA certificates"),
        ("[target]\nusername = 'a'\npassword = 'b'", "as a header"),
        ("[target]\nheaders = {X = '$NOPE'}", "NOPE, which is not set"),
        ("[login]\nscheme = 'jtw'", "'jtw'; did you mean 'jwt'?"),
        ("[mailbox]\nurl = []", "[mailbox].url"),
        ("[mailbox]\nwait = 'soon'", "a duration"),
        ("[accounts]\naddress = 'qa@example.com'", "with {n}"),
        ("[accounts]\naddress = ''", "with {n}"),
        ("[accounts]\naddress = 'qa{n}{x}@example.com'", "with {n}"),
        ("[accounts]\naddress = 'qa{n@example.com'", "with {n}"),
        ("[accounts]\naddress = 'qa{n.real}'", "with {n}"),
        ("[accounts]\ngiven = 'ada'", "a list"),
        ("[accounts]\ngiven = [{login = 'ada'}]", "lacks the key 'password'"),
        ("[limits]\naccounts = -1", "0 or more"),
        ("[limits]\naccounts = true", "a whole number"),
        ("[limits]\nrate = 'fast'", "a number"),
        ("[limits]\nrate = nan", "a number from 0"),
        ("[limits]\ntimeout = inf", "a duration"),
        ("[limits]\nmax_seconds = '999999999999d'", "a duration"),
        ("[limits]\ntimeout = 0", "more than 0 seconds"),
        ("[limits]\nmax_seconds = '0s'", "more than 0 seconds"),
        ("[limits]\nmax_second = 3", "did you mean 'max_seconds'?"),
        ("[waivers]\nREG-003 = 'because'", "a mapping"),
        ("[waivers.REG-003]\nfailure = 'x'\nreason = 'y'", "lacks the key 'until'"),
        ("[waivers.REG-003]\nfailure = 'x'\nreason = 'y'\nuntil = 'some day'", "a day such as"),
        ("[waivers.REG-003]\nfailure = ''\nreason = 'y'\nuntil = 2031-01-01", "not empty"),
        ("[waivers.REG-003]\nfailure = 'x'\nreason = 'y'\nuntil = 1", "a day such as"),
        ("[waivers.REG-003]\nfailur = 'x'\nreason = 'y'\nuntil = 2031-01-01", "did you mean 'failure'?"),
    ],
)  # fmt: skip
def test_whatever_is_wrong_is_said_in_one_sentence_that_names_it(text, named):
    said = complaint(text)
    assert named in said
    assert "\n" not in said
    assert said.startswith("authspec.toml")


def test_a_file_that_is_missing_binary_or_a_folder_is_said_in_one_sentence(place):
    with pytest.raises(UsageError, match=r"nope\.toml does not exist"):
        read_settings(Path("nope.toml"), {})
    Path("latin.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_settings(Path("latin.toml"), {})
    with pytest.raises(UsageError, match="Is a directory"):
        read_settings(place, {})


def test_a_table_that_is_none_is_refused_in_pyproject():
    Path("pyproject.toml").write_text("[tool]\nauthspec = 3\n")
    with pytest.raises(UsageError, match=r"expected a table, \[tool\.authspec\]"):
        read_settings(None, {})


def test_waivers_may_lie_in_a_file_of_their_own():
    table = "failure = 'x'\nreason = 'y'\nuntil = 2031-01-01\n"
    Path("w.toml").write_text(f"[REG-003]\n{table}")
    assert [waiver.requirement for waiver in read_waivers(Path("w.toml"))] == ["REG-003"]
    Path("w.toml").write_text(f"[waivers.REG-003]\n{table}")
    assert [waiver.requirement for waiver in read_waivers(Path("w.toml"))] == ["REG-003"]


def test_a_day_may_be_written_in_quotes_and_a_moment_is_none():
    table = "[REG-003]\nfailure = 'x'\nreason = 'y'\nuntil = {}\n"
    Path("w.toml").write_text(table.format("'2031-01-01'"))
    assert read_waivers(Path("w.toml"))[0].until == date(2031, 1, 1)
    Path("w.toml").write_text(table.format("2031-01-01T10:00:00"))
    with pytest.raises(UsageError, match="a day such as"):
        read_waivers(Path("w.toml"))
