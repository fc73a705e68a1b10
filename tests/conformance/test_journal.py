"""The journal: what a run writes as it goes, in an order that every reader understands."""

from io import StringIO
from threading import Thread

from authspec_conformance.exchange import Call
from authspec_conformance.journal import EXCHANGES_PER_RESULT, Journal
from authspec_conformance.redaction import Redactor
from authspec_contract.results import Footer, Header, Outcome, ResultsWriter, Run, parse_run


def header() -> Header:
    return Header(
        run="1a2b", started="2026-01-01T00:00:00Z", seed=1, command=(), tool={"name": "authspec"},
        contract="c", target={"url": "http://h"}, profile={"name": "document"}, mailbox="none",
        level="must", mode="default", requirements=(),
    )  # fmt: skip


class Written:
    """A journal and the file that it wrote so far."""

    def __init__(self) -> None:
        self.stream = StringIO()
        self.redactor = Redactor()
        self.journal = Journal(ResultsWriter(self.stream), self.redactor)

    def exchange(self) -> int:
        number = self.journal.number()
        self.journal.exchange(number, Call("GET", "http://h/"), None, 0.1, "no answer")
        return number

    @property
    def run(self) -> Run:
        return parse_run(self.stream.getvalue().splitlines(), name="it")


def test_the_header_is_the_first_line_though_the_target_was_asked_before():
    written = Written()
    early = written.exchange()
    assert written.stream.getvalue() == ""
    written.journal.header(header())
    late = written.exchange()
    assert written.stream.getvalue().startswith('{"type":"header"')
    assert list(written.run.exchanges) == [early, late]


def test_a_result_names_the_exchanges_of_its_own_scene_and_of_no_other():
    written = Written()
    written.journal.header(header())
    written.exchange()
    with written.journal.scene():
        first = written.exchange()
        with written.journal.scene():
            inner = written.exchange()
            assert written.journal.recent() == (inner,)
        assert written.journal.recent() == (first,)


def test_of_many_exchanges_a_result_shows_the_last_ones():
    written = Written()
    with written.journal.scene():
        numbers = [written.exchange() for _ in range(EXCHANGES_PER_RESULT + 5)]
        assert written.journal.recent() == tuple(numbers[-EXCHANGES_PER_RESULT:])


def test_messages_are_redacted():
    written = Written()
    written.journal.header(header())
    written.redactor.learn("pa55-word")
    result = written.journal.result("REG-001", "t", Outcome.FAIL, "found 'pa55-word'")
    assert result.message == "found '$PASSWORD_1'"
    assert "pa55" not in written.stream.getvalue()


def test_lines_of_several_threads_do_not_mix():
    written = Written()
    written.journal.header(header())
    threads = [Thread(target=lambda: [written.exchange() for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(written.run.exchanges) == 200


def test_each_line_is_in_the_file_at_once_so_that_a_killed_run_leaves_it():
    written = Written()
    written.journal.header(header())
    written.journal.result("REG-001", "t", Outcome.PASS)
    assert [result.outcome for result in written.run.results] == [Outcome.PASS]
    assert written.run.footer is None
    written.journal.footer(Footer("2026-01-01T00:00:01Z", 1.0, {}, 0, "PASS"))
    assert written.run.complete
