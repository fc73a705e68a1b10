"""Whatever is wrong with the input ends in one sentence, the right exit code, and no traceback."""

import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from authspec_conformance.cli import main
from authspec_conformance.report_folder import open_results, report_folder
from authspec_mock.server import MockServer

from .conftest import Checked
from .servers import CUT_OFF, drip, drop, hang, http

AUTHSPEC = [sys.executable, "-c", "from authspec_conformance.cli import console; console()"]
HTML = "<!doctype html><title>Welcome</title>"
FIELDS = '{"email": ["This field is required."], "password": ["This field is required."]}'


def sentence(result: Checked) -> str:
    """What stderr holds: one line that begins with the program's name and ends with a stop."""
    assert "Traceback" not in result.err + result.out
    (line,) = result.err.splitlines()
    assert line.startswith("authspec: ")
    return line.removeprefix("authspec: ")


def footer_of(result: Checked) -> tuple[int, str]:
    """Exit code and verdict as the results file has them."""
    footer = result.run.footer
    assert footer is not None
    return footer.exit, footer.verdict


# --- the target -------------------------------------------------------------------------------


@pytest.fixture
def quick(place: Path) -> tuple[str, ...]:
    """Flags that shorten the patience with a target that does not answer."""
    (place / "authspec.toml").write_text("[limits]\ntimeout = 0.3\n")
    return ("--mailbox", "none")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://no-such-host.invalid"])
def test_an_unreachable_target_is_3_within_seconds(check, url):
    start = time.monotonic()
    result = check(url)
    assert time.monotonic() - start < 5
    assert result.exit == 3
    assert sentence(result) == footer_of(result)[1]
    assert footer_of(result)[0] == 3
    assert "Is the target running, and is this its URL?" in sentence(result)


OTHER_API = "Is this the right URL?"
WRONG_PREFIX = "Is Djoser mounted under '/auth/'?"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (hang, "no byte came for 0.3 s"),
        (drop, "it closed the connection without an answer"),
        (drip, "its answer had no end"),
        (CUT_OFF, "its answer broke off in the middle"),
        (http(200, HTML, kind="text/html"), "it answered with an HTML page"),
        (http(404, HTML, kind="text/html"), WRONG_PREFIX),
        (http(404, '{"detail": "Not found."}'), WRONG_PREFIX),
        (http(405, '{"detail": "no"}'), WRONG_PREFIX),
        (http(200, '{"ok": true}'), WRONG_PREFIX),
        (http(201, '{"id": 101}'), OTHER_API),
        (http(400, '{"message": "bad request"}'), OTHER_API),
        (http(400, "[1, 2]"), OTHER_API),
        (http(400, "no JSON"), OTHER_API),
        (http(401, '{"error": "unauthorized"}'), "without the 'detail'"),
        (http(401, HTML, kind="text/html"), OTHER_API),
        (http(422, '{"detail": [{"loc": ["body"]}]}'), OTHER_API),
        (http(204), OTHER_API),
        (http(500, HTML, kind="text/html"), "look into the target's log"),
        (http(503, "{}"), "answers 503"),
        (http(301, more=["Location: https://elsewhere.example/auth/users/?token=pa55word"]),
         "redirects to https://elsewhere.example; redirects are not followed"),
        (http(302, more=["Location: /login"]), "redirects to /login"),
        (http(429, "{}", more=["Retry-After: 3600"]), "limits the rate of requests"),
    ],
)  # fmt: skip
def test_a_target_that_is_no_djoser_is_3_and_says_what_it_is(check, quick, serve, answer, said):
    result = check(serve(answer).url, *quick)
    assert result.exit == 3
    assert said in sentence(result)
    assert "pa55word" not in result.err
    assert footer_of(result) == (3, sentence(result))
    assert {path.name for path in result.report.iterdir()} >= {"results.jsonl", "report.html"}


def test_a_target_that_dies_after_the_first_calls_is_3(check, quick, serve):
    server = serve([http(400, FIELDS), http(404, "{}"), b""])
    result = check(server.url, *quick)
    assert result.exit == 3
    footer = result.run.footer
    assert footer is not None
    assert footer.stopped == "target-gone"
    assert "Traceback" not in result.err + result.out


def test_a_wrong_prefix_is_3_and_names_the_one_that_was_tried(check, mock, place):
    profile = (
        Path(__file__).parents[2] / "spec/authspec_contract/profiles/document.yaml"
    ).read_text()
    assert "prefix:" not in profile
    (place / "ours.yaml").write_text(profile + "\nprefix: /api/v2/\n")
    result = check(mock.url, "--profile", "ours.yaml", "--mailbox", "none")
    assert result.exit == 3
    assert "Is Djoser mounted under '/api/v2/'?" in sentence(result)


TOKENS = (
    "name: x\nauthentication: [token]\nurls: [users, token]\n"
    "user: {fields: [{name: email, type: email}], create: [email]}\n"
)
TOKEN_TARGET = {
    "name": "x", "authentication": ["token"], "urls": ["users", "token"],
    "user": {"fields": [{"name": "email", "type": "email"}], "create": ["email"]},
}  # fmt: skip


def test_a_probe_of_a_target_that_refuses_for_its_rate_is_3(serve, capsys):
    assert main(["probe", serve(http(429, "{}", more=["Retry-After: 3600"])).url]) == 3
    assert "limits the rate of requests" in capsys.readouterr().err


# --- the profile ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (None, "does not exist"),
        ("name: [x", "ours.yaml"),
        ("", "ours.yaml"),
        ("name: x\ndjoser: {SEND_ACTIVATION_MAIL: true}", "did you mean 'SEND_ACTIVATION_EMAIL'?"),
    ],
)
def test_a_broken_profile_is_2(check, place, text, named):
    if text is not None:
        (place / "ours.yaml").write_text(text)
    result = check("http://127.0.0.1:9", "--profile", "ours.yaml")
    assert result.exit == 2
    assert named in sentence(result)
    assert not result.report.exists()


def test_an_unknown_profile_is_2_and_names_the_known_ones(check):
    result = check("--profile", "nope")
    assert result.exit == 2
    assert "known are djoser, document, hypersaas" in sentence(result)


def test_a_login_that_the_profile_does_not_have_is_2(check, place, mock):
    (place / "authspec.toml").write_text('[login]\nscheme = "jwt"\n')
    (place / "ours.yaml").write_text(TOKENS)
    result = check(mock.url, "--profile", "ours.yaml")
    assert result.exit == 2
    assert "scheme is 'jwt'" in sentence(result)
    assert "it has token" in sentence(result)


def test_a_wrong_login_in_the_profile_is_told_and_is_no_error_of_ours(check, place):
    """The target takes `Bearer`, the profile says `JWT`."""
    with MockServer("document") as server:
        server.change_profile(simple_jwt={"AUTH_HEADER_TYPES": ["Bearer"]})
        result = check(server.url, "--only", "LOG-002,ME-001")
    assert result.exit in {1, 3}
    assert (
        "/auth/jwt/verify/ asks for the word Bearer in Authorization, and the profile has JWT"
        in (result.out)
    )
    assert "accounts could not be deleted" in result.out
    assert "error of authspec" not in result.out + result.err


def test_a_login_that_the_target_does_not_have_is_told(check, place):
    (place / "ours.yaml").write_text(
        TOKENS.replace("[token]", "[token, jwt]").replace("users,", "users, jwt,")
    )
    with MockServer(TOKEN_TARGET) as server:
        result = check(server.url, "--profile", "ours.yaml", "--only", "LOG-001,LOG-002,ME-001")
    assert result.exit in {1, 3}
    assert "/auth/jwt/verify/ answers 404, and the profile has login by jwt" in result.out


# --- the configuration ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--only", "REG-999"], "There is no requirement 'REG-999'; did you mean 'REG-"),
        (["--only", ""], "--only names no requirement"),
        (["--only", "ACT-001", "--mailbox", "none"], "Nothing is selected"),
        (["--config", "nope.toml"], "nope.toml does not exist"),
        (["--waivers", "nope.toml"], "nope.toml does not exist"),
        (["--max-seconds", "0"], "--max-seconds must be more than 0"),
        (["--max-seconds", "nan"], "--max-seconds must be more than 0"),
        (["--max-seconds", "inf"], "--max-seconds must be more than 0"),
        (["--mailbox", "file:///tmp"], "give the target's URL"),
        (["--quirk", "nope"], "quirk"),
        (["http://127.0.0.1:9", "--quirk", "x"], "Leave one out"),
        (["ftp://127.0.0.1"], "not one of http:// or https://"),
        (["http://ada:pa55word@127.0.0.1"], "as a header"),
        (["http://127.0.0.1:9", "--mailbox", "gopher://x"], "'gopher' is of no known kind"),
        (["http://127.0.0.1:9", "--mailbox", "smtp://127.0.0.1"], "expected such as smtp://"),
    ],
)
def test_bad_usage_is_2_and_nothing_is_written(check, words, named):
    result = check(*words)
    assert result.exit == 2
    assert named in sentence(result)
    assert "pa55word" not in result.err
    assert not result.report.exists()


@pytest.mark.parametrize(
    "words", [["--level", "most"], ["--seed", "x"], ["--fast", "--thorough"], ["--nope"]]
)
def test_a_flag_that_argparse_refuses_is_2(check, words):
    result = check(*words)
    assert result.exit == 2
    assert result.err.startswith("usage: authspec")
    assert ": error: " in result.err.splitlines()[-1]


def test_an_unknown_key_of_the_configuration_is_2_and_names_the_nearest(check, place):
    (place / "authspec.toml").write_text('[target]\nulr = "http://127.0.0.1:9"\n')
    result = check()
    assert result.exit == 2
    assert "did you mean 'url'?" in sentence(result)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda report: report.write_text("a file"), "cannot be made (File exists)"),
        (lambda report: (report / "results.jsonl").mkdir(parents=True), "cannot be written"),
    ],
)
def test_a_report_folder_that_cannot_be_written_is_2(check, make, named):
    result = check("--only", "REG-001", "--report", "authspec-report")
    assert result.exit == 0
    for path in sorted(result.report.rglob("*"), reverse=True):
        path.unlink()
    result.report.rmdir()
    make(result.report)
    result = check("--only", "REG-001")
    assert result.exit == 2
    assert named in sentence(result)
    assert "--report" in sentence(result)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_second_run_into_one_folder_is_2_and_leaves_the_first_alone(check, mock, workers):
    results = Path("authspec-report/results.jsonl")
    with open_results(report_folder(results.parent) / results.name, shared=False) as first:
        first.write("the first run\n")
        first.flush()
        result = check(mock.url, "--only", "REG-001", "--workers", workers)
        assert result.exit == 2
        assert "Another run is writing authspec-report/results.jsonl" in sentence(result)
        assert results.read_text() == "the first run\n"
    assert check(mock.url, "--only", "REG-001", "--workers", workers).exit == 0


def no_file_beyond(size: int) -> Callable[[], None]:
    """To call in a child process: the disk of whoever runs there is full that early."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_full_disk_is_2_and_no_account_stays(mock, place, workers):
    done = subprocess.run(
        [*AUTHSPEC, "check", mock.url, "--fast", "--workers", workers],
        capture_output=True, text=True, timeout=120, preexec_fn=no_file_beyond(180_000),
    )  # fmt: skip
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "results.jsonl cannot be written" in line
    assert "--report" in line
    assert list(mock.users()) == []
    assert not list((place / "authspec-report").glob(".*"))


def test_output_for_which_there_is_no_room_is_2(tmp_path):
    # unbuffered, Python itself drops what does not fit
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with (tmp_path / "contract.yaml").open("w") as file:
        done = subprocess.run(
            [*AUTHSPEC, "spec", "bundle"], env=buffered,
            stdout=file, stderr=subprocess.PIPE, text=True, preexec_fn=no_file_beyond(1000),
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "authspec: the output cannot be written (File too large); make room.\n"


def test_help_is_shown_where_the_terminal_has_only_ascii():
    done = subprocess.run(
        [*AUTHSPEC, "check", "--help"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0
    assert b"mailpit+http://" in done.stdout


def test_a_page_that_cannot_be_written_is_2_and_the_results_are_there(check, place):
    (place / "authspec-report" / "report.html").mkdir(parents=True)
    result = check("--only", "REG-001")
    assert result.exit == 2
    assert "report.html cannot be written" in sentence(result)
    assert result.run.complete


# --- the mailbox ------------------------------------------------------------------------------


def test_a_mailbox_folder_that_does_not_exist_is_3(check, mock):
    result = check(mock.url, "--mailbox", "file:///no/such/folder")
    assert result.exit == 3
    assert "does not exist, nor does the folder above it" in sentence(result)
    assert footer_of(result) == (3, sentence(result))


def test_a_port_in_use_for_the_smtp_mailbox_is_3(check, mock):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        result = check(mock.url, "--mailbox", f"smtp://127.0.0.1:{port}")
    assert result.exit == 3
    assert "in use" in sentence(result)
    assert footer_of(result)[0] == 3


def test_a_mock_mailbox_where_there_is_no_mock_is_3(check, serve):
    result = check(serve(http(404, "{}")).url, "--mailbox", "mock:")
    assert result.exit == 3
    assert "say by --mailbox where its mails go" in sentence(result)


def test_no_mail_arriving_ends_soon_and_points_at_the_mailbox(check, mock, place):
    """The target's mails go elsewhere than the configuration says."""
    (place / "authspec.toml").write_text("[mailbox]\nwait = 0.2\n")
    folder = place.parent / "mails"
    folder.mkdir()
    result = check(mock.url, "--mailbox", f"file://{folder}", "--only", "ACT-001,ACT-002,RST-002")
    assert result.exit in {1, 3}
    assert f"look whether file://{folder} is where the target's mails go" in result.out
    assert result.run.complete


def test_the_password_of_a_mailbox_is_nowhere(check, mock, place):
    result = check(mock.url, "--mailbox", "imap://ada:pa55word@127.0.0.1:9/INBOX")
    assert result.exit == 3
    written = "".join(path.read_text() for path in result.report.iterdir())
    assert "pa55word" not in written + result.out + result.err


# --- the console ------------------------------------------------------------------------------


@pytest.mark.parametrize("redirection", [">&-", "| true", "> /dev/full"])
def test_a_closed_or_full_stdout_changes_nothing(place, redirection):
    words = "check --only REG-001"
    line = f"{' '.join(map(_quoted, AUTHSPEC))} {words} {redirection}"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        capture_output=True, text=True, timeout=60, cwd=place, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    footer = json.loads((place / "authspec-report" / "results.jsonl").read_text().splitlines()[-1])
    assert footer["exit"] == 0


def _quoted(word: str) -> str:
    return f"'{word}'"


def test_explain_into_a_pipe_that_nobody_reads_is_quiet(place):
    words = " ".join(map(_quoted, AUTHSPEC))
    done = subprocess.run(
        ["bash", "-c", f"{words} explain REG-001 REG-002 | true"],
        capture_output=True, text=True, timeout=60, cwd=place, check=False,
    )  # fmt: skip
    assert done.stderr == ""


@pytest.mark.parametrize("words", [[], ["nope"], ["check", "a", "b"], ["explain"]])
def test_a_command_that_does_not_exist_or_lacks_something_is_2(words, capsys):
    assert main(words) == 2
    assert capsys.readouterr().err.startswith("usage: authspec")


def test_our_own_fault_is_4_and_says_where(monkeypatch, capsys):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("authspec_conformance.check_command.read_settings", broken)
    assert main(["check"]) == 4
    said = capsys.readouterr().err
    assert said.startswith("authspec: an error of authspec itself, at test_bad_input.py:")
    assert "Please report it" in said


def test_ctrl_c_before_the_run_is_130(monkeypatch, capsys):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("authspec_conformance.check_command.read_settings", interrupted)
    assert main(["check"]) == 130
    assert capsys.readouterr().err == "authspec: interrupted.\n"
