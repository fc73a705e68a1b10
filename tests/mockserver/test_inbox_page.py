"""The web inbox in a real browser."""

from pathlib import Path

import pytest
import requests

from authspec_mock.server import WorldHandle

from .browser import browser, chromium
from .conftest import sign_up

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="needs Chromium"),
]


def test_a_mail_appears_by_itself_and_its_link_works(
    mock: WorldHandle, http: requests.Session, tmp_path: Path
) -> None:
    with browser(tmp_path) as page:
        page.open(f"{mock.url}/")
        page.until("document.querySelector('#live')?.textContent === 'live'")
        sign_up(http, mock.url, "ada@example.com")
        subject = page.until("document.querySelector('.card h2')?.textContent")
        assert subject == "Account activation on Backend"
        mail = mock.outbox.wait().mail
        assert page.run("document.querySelector('a.main').href") == mail.url
        assert mail.token in page.run("document.querySelector('.card').textContent")
        page.run("document.querySelector('.card form button').click()")
        page.until("document.querySelectorAll('.list button').length === 2")
        assert [user["is_active"] for user in mock.users()] == [True]


@pytest.mark.parametrize("tab", ["users", "requests", "faults", "clock", "profile"])
def test_each_tab_shows_its_part(
    mock: WorldHandle, http: requests.Session, tmp_path: Path, tab: str
) -> None:
    sign_up(http, mock.url, "ada@example.com")
    shown = {
        "users": "ada@example.com",
        "requests": "POST /auth/users/",
        "faults": "Add the fault",
        "clock": "It runs.",
        "profile": "SEND_ACTIVATION_EMAIL",
    }[tab]
    with browser(tmp_path) as page:
        page.open(f"{mock.url}/#{tab}")
        page.until(f"document.querySelector('main')?.textContent.includes({shown!r})")
