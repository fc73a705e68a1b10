"""Folders of mails: Django's file backend with all its habits, and a Maildir."""

import os
from pathlib import Path

import pytest

from authspec_conformance.mailbox.folder import DjangoFolder, Maildir, open_folder
from authspec_contract.errors import TargetError

SEPARATOR = "-" * 79 + "\n"


def mail(subject: str, body: str = "hello") -> str:
    """As django/core/mail/backends/filebased.py 5.2 writes it, without what ends it."""
    return (
        'Content-Type: text/plain; charset="utf-8"\nMIME-Version: 1.0\n'
        f"Subject: {subject}\nFrom: webmaster@localhost\nTo: ada@example.com\n\n{body}\n"
    )


def subjects(box: DjangoFolder | Maildir) -> list[str]:
    return [mail.subject for mail in box.arrived()]


def add(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "mails"
    path.mkdir()
    return path


def test_only_mails_that_come_after_the_start_count(folder):
    add(folder / "a.log", mail("old") + SEPARATOR)
    box = open_folder(folder)
    assert subjects(box) == []
    add(folder / "a.log", mail("new") + SEPARATOR)
    add(folder / "b.log", mail("other") + SEPARATOR)
    assert subjects(box) == ["new", "other"]
    assert subjects(box) == []


def test_several_mails_in_one_file_are_several(folder):
    box = open_folder(folder)
    add(
        folder / "a.log",
        mail("one") + SEPARATOR + mail("two") + SEPARATOR + mail("three") + SEPARATOR,
    )
    mails = box.arrived()
    assert [mail.subject for mail in mails] == ["one", "two", "three"]
    assert len({mail.id for mail in mails}) == 3


def test_a_mail_counts_once_its_separator_is_there(folder):
    box = open_folder(folder)
    add(folder / "a.log", mail("one")[:60])
    assert subjects(box) == []
    add(folder / "a.log", mail("one")[60:])
    assert subjects(box) == []
    add(folder / "a.log", SEPARATOR[:40])
    assert subjects(box) == []
    add(folder / "a.log", SEPARATOR[40:])
    assert subjects(box) == ["one"]


def test_mails_of_two_processes_in_one_file_by_name_collision_are_both_read(folder):
    box = open_folder(folder)
    with (folder / "a.log").open("a") as first, (folder / "a.log").open("a") as second:
        first.write(mail("one") + SEPARATOR)
        first.flush()
        assert subjects(box) == ["one"]
        second.write(mail("two") + SEPARATOR)
        second.flush()
        assert subjects(box) == ["two"]


def test_dashes_inside_a_mail_do_not_end_it(folder):
    box = open_folder(folder)
    add(folder / "a.log", mail("one", "above\n" + SEPARATOR + "below") + SEPARATOR)
    (only,) = box.arrived()
    assert "below" in only.text


def test_the_folder_may_come_with_the_first_mail(tmp_path):
    box = open_folder(tmp_path / "late")
    assert subjects(box) == []
    (tmp_path / "late").mkdir()
    add(tmp_path / "late" / "a.log", mail("first") + SEPARATOR)
    assert subjects(box) == ["first"]


def test_a_file_that_was_emptied_or_made_anew_is_read_from_its_start(folder):
    add(folder / "a.log", mail("a long one that was there before", "x" * 999) + SEPARATOR)
    box = open_folder(folder)
    (folder / "a.log").write_text(mail("anew") + SEPARATOR)
    assert subjects(box) == ["anew"]


def test_a_folder_that_goes_away_gives_no_mails(folder):
    box = open_folder(folder)
    folder.rmdir()
    assert subjects(box) == []


def test_a_folder_that_does_not_exist_nor_the_one_above_is_said(tmp_path):
    with pytest.raises(TargetError, match="does not exist, nor does the folder above it"):
        open_folder(tmp_path / "no" / "such")


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(TargetError, match="is a file; expected the folder"):
        open_folder(tmp_path / "file")


def test_a_path_that_no_system_allows_is_said(tmp_path):
    with pytest.raises(TargetError, match="cannot be read"):
        open_folder(tmp_path / ("x" * 300))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_said(folder):
    folder.chmod(0)
    try:
        with pytest.raises(TargetError, match="give this user access"):
            open_folder(folder)
    finally:
        folder.chmod(0o700)


def test_a_mail_that_cannot_be_read_is_said(folder, monkeypatch):
    box = open_folder(folder)
    add(folder / "a.log", mail("one") + SEPARATOR)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(TargetError, match=r"a\.log cannot be read \(Permission denied\)"):
        box.arrived()


# --- Maildir ----------------------------------------------------------------------------------


@pytest.fixture
def maildir(folder: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir()
    return folder


def test_a_folder_with_new_and_cur_is_a_maildir(maildir):
    (maildir / "new" / "1.old").write_text(mail("old"))
    box = open_folder(maildir)
    assert isinstance(box, Maildir)
    assert subjects(box) == []
    (maildir / "new" / "2.host").write_text(mail("new"))
    (maildir / "tmp" / "3.host").write_text(mail("not there yet"))
    assert subjects(box) == ["new"]


def test_a_mail_that_is_moved_from_new_to_cur_is_given_once(maildir):
    box = open_folder(maildir)
    (maildir / "new" / "1.host").write_text(mail("one"))
    assert subjects(box) == ["one"]
    (maildir / "new" / "1.host").rename(maildir / "cur" / "1.host:2,S")
    assert subjects(box) == []
