"""Sample runs for the tests of the reports: every outcome, failures with exchanges, a run cut short."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import StringIO

from authspec_contract.results import (
    Exchange,
    Footer,
    Header,
    Message,
    Outcome,
    RequirementLine,
    Result,
    ResultsWriter,
    Run,
)
from authspec_contract.verdict import combine, totals

HOSTILE = (
    "<script>alert(1)</script> \"'& ]]> {{7*7}} \x00\x08\x1b[31m \ud800 \udfff \ufffe ‮ | ` @here\n"
)


def requirement(
    id_: str,
    *,
    text: str = "A registration with valid data answers 201.",
    level: str = "must",
    area: str = "registration",
    sources: tuple[str, ...] = ("D-01",),
    untested: str | None = None,
) -> RequirementLine:
    """One requirement of a snapshot."""
    return RequirementLine(
        id=id_,
        text=text,
        level=level,
        origin="document" if level == "must" else "security",
        area=area,
        sources=sources,
        operation="POST /users/",
        untested=untested,
        file=f"requirements/{area.replace(' ', '_')}.yaml",
        line=12,
    )


def exchange(
    id_: int,
    *,
    method: str = "POST",
    path: str = "/auth/users/",
    status: int | None = 201,
    request: str = '{"email": "ada@example.com", "password": "***"}',
    response: str = '{"email":"ada@example.com","id":7}',
    error: str | None = None,
) -> Exchange:
    """One exchange with a server at 127.0.0.1:8000."""
    url = f"http://127.0.0.1:8000{path}"
    return Exchange(
        id=id_,
        method=method,
        url=url,
        request=Message({"Content-Type": "application/json", "Authorization": "JWT ***"}, request),
        status=status,
        response=None
        if status is None
        else Message({"Content-Type": "application/json"}, response),
        seconds=0.012,
        curl=f"curl -X {method} {url} -H 'Content-Type: application/json' -d '{request}'",
        error=error,
    )


def header(requirements: Sequence[RequirementLine], **changes: object) -> Header:
    """The header of a run against a backend on this machine."""
    plain = Header(
        run="3f9c",
        started="2026-03-04T05:06:07Z",
        seed=42,
        command=("authspec", "check", "http://127.0.0.1:8000", "--profile", "document"),
        tool={"name": "authspec", "version": "0.1.0"},
        contract="0123456789abcdef",
        target={"url": "http://127.0.0.1:8000", "server": "gunicorn"},
        profile={
            "name": "document",
            "source": "document",
            "djoser": {"SEND_ACTIVATION_EMAIL": True},
        },
        mailbox="file:///tmp/mails",
        level="must",
        mode="default",
        requirements=tuple(requirements),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def run_of(
    requirements: Sequence[RequirementLine],
    results: Sequence[Result],
    exchanges: Sequence[Exchange] = (),
    *,
    header_changes: Mapping[str, object] | None = None,
    footer_changes: Mapping[str, object] | None = None,
    complete: bool = True,
) -> Run:
    """A run with these results and a footer that agrees with them."""
    counted = totals(combine(requirements, results))
    failed = counted["fail"]
    footer = Footer(
        finished="2026-03-04T05:07:07Z",
        seconds=60.0,
        totals=counted,
        exit=1 if failed else 0,
        verdict=f"{failed} failed." if failed else "Everything that is required holds.",
        accounts=9,
        mails=14,
        requests=321,
        password_computations=77,
    )
    return Run(
        header(requirements, **(header_changes or {})),
        tuple(results),
        {item.id: item for item in exchanges},
        replace(footer, **(footer_changes or {})) if complete else None,  # type: ignore[arg-type]
    )


REQUIREMENTS = (
    requirement("REG-001"),
    requirement("REG-002", text="A second registration of one address answers 400."),
    requirement("REG-003", text="A registration mails its address once, with a link that works."),
    requirement(
        "ACT-001", text="An activation link works once.", area="activation", sources=("D-02",)
    ),
    requirement("ACT-002", text="An unknown uid answers 400.", area="activation"),
    requirement("ACT-003", text="A resent mail carries a link that works.", area="activation"),
    requirement(
        "PWD-001",
        text="Sixteen uses of one token give one 204.",
        level="should",
        area="set password",
        sources=("OWASP ASVS 5.0 2.3.4", "djoser/views.py UserViewSet.reset_password_confirm"),
    ),
    requirement(
        "PWD-002",
        text="A change of password ends the other sessions.",
        level="should",
        area="set password",
    ),
    requirement(
        "PWD-003",
        text="Answers do not differ in time.",
        level="may",
        area="set password",
        untested="no clock is good enough",
    ),
    requirement("PWD-004", text="The mail names the site.", area="set password"),
)


def full_run(*, complete: bool = True) -> Run:
    """A run that holds every outcome, and a requirement that fails in two tests."""
    results = (
        Result("REG-001", "test_a_registration_is_answered_201", Outcome.PASS, exchanges=(1,)),
        Result(
            "REG-002",
            "test_a_taken_address_is_refused",
            Outcome.FAIL,
            "A second registration of one address was answered 201; expected 400.",
            (1, 2),
            0.25,
        ),
        Result("REG-002", "test_a_taken_address_mails_nobody", Outcome.PASS, exchanges=(2,)),
        Result(
            "REG-002",
            "test_a_taken_address_in_capitals_is_refused",
            Outcome.FAIL,
            "An address in capitals was answered 500; expected 400.",
            (3,),
        ),
        Result("REG-003", "test_one_mail", Outcome.INCONCLUSIVE, "No mailbox was given."),
        Result("ACT-001", "test_a_link_works_once", Outcome.ERROR, "KeyError: 'uid'", (4,)),
        Result("ACT-002", "test_unknown_uid", Outcome.WAIVED, "known until 2026-12-31: ticket 7"),
        Result(
            "ACT-003", "test_resend", Outcome.NOT_APPLICABLE, "SEND_ACTIVATION_EMAIL does not hold"
        ),
        Result(
            "PWD-001",
            "test_one_token_sixteen_times",
            Outcome.FAIL,
            "Sixteen uses gave three 204.",
            (5,),
        ),
        Result("PWD-002", "test_sessions_end", Outcome.PASS, seconds=1.5),
    )
    exchanges = (
        exchange(1),
        exchange(2),
        exchange(3, status=500, response="<h1>Server Error (500)</h1>"),
        exchange(
            4,
            path="/auth/users/activation/",
            status=None,
            error="the connection was closed before an answer came",
        ),
        exchange(5, path="/auth/users/reset_password_confirm/", status=204, response=""),
    )
    return run_of(
        REQUIREMENTS,
        results,
        exchanges,
        complete=complete,
        footer_changes={
            "leftovers": ("authspec+3f9c-4@example.com",),
            "coverage": {"operations": ["POST /users/"], "statuses": {"201": 2}},
        },
    )


def hostile_run() -> Run:
    """A run whose every text that could come from a target is hostile."""
    line = requirement("REG-001")
    attack = exchange(
        1,
        path='/auth/users/?next=javascript:alert(1)"><img src=x onerror=alert(1)>',
        request=HOSTILE,
        response=HOSTILE * 5 + "x" * 300_000,
    )
    attack = replace(
        attack,
        method=HOSTILE,
        response=Message({HOSTILE: HOSTILE}, HOSTILE * 5 + "x" * 300_000),
        curl=f"curl {HOSTILE}",
    )
    silent = replace(exchange(2, status=None, error=HOSTILE), id=2)
    results = (
        Result(
            "REG-001",
            f"test[{HOSTILE}]",
            Outcome.FAIL,
            f"found {HOSTILE}; expected 201",
            (1, 2, 99),
        ),
    )
    return run_of(
        (line, requirement("X-1", text=HOSTILE, area=HOSTILE, sources=(HOSTILE,))),
        results,
        (attack, silent),
        header_changes={
            "target": {"url": f"http://h/{HOSTILE}", "server": HOSTILE},
            "profile": {"name": HOSTILE, "source": HOSTILE, HOSTILE: HOSTILE},
            "mailbox": HOSTILE,
            "command": ("authspec", HOSTILE),
        },
        footer_changes={"verdict": HOSTILE, "leftovers": (HOSTILE,), "stopped": HOSTILE},
    )


def lines_of(run: Run) -> str:
    """The results file of a run, as the writer writes it."""
    stream = StringIO()
    writer = ResultsWriter(stream)
    writer.header(run.header)
    for item in run.exchanges.values():
        writer.exchange(item)
    for result in run.results:
        writer.result(result)
    if run.footer is not None:
        writer.footer(run.footer)
    return stream.getvalue()
