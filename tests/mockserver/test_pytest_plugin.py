"""The fixtures for a team's own tests."""

import subprocess
import sys
from pathlib import Path

TESTS = """
import requests

def sign_up(mock):
    body = {"email": "ada@example.com", "password": "correct-horse-7"}
    return requests.post(mock.url + "/auth/users/", json=body)

def test_one(mock):
    assert sign_up(mock).json()["id"] == 1
    assert mock.outbox.wait(to="ada@example.com").mail.url.startswith("http://localhost:5173/")

def test_two(mock, mock_server):
    assert sign_up(mock).json()["id"] == 1
    assert mock.url.startswith(mock_server.url)
"""
INI = """
[pytest]
authspec_mock_profile = own.yaml
authspec_mock_frontend = http://localhost:5173
"""
PROFILE = """
name: own
djoser: {SEND_ACTIVATION_EMAIL: true, ACTIVATION_URL: "a/{uid}/{token}"}
authentication: [jwt]
user:
  login_field: email
  fields:
    - {name: id, type: integer, read_only: true}
    - {name: email, type: email, unique: true}
  create: [email, id]
"""


def test_each_test_has_a_fresh_world(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text(INI)
    (tmp_path / "own.yaml").write_text(PROFILE)
    plugin = ["--disable-plugin-autoload", "-p", "authspec_mock.pytest_plugin"]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "2 passed" in result.stdout, result.stdout + result.stderr


def test_the_plugin_imports_nothing_before_it_is_used() -> None:
    script = (
        "import sys, pytest, authspec_mock.pytest_plugin\n"
        "print([m for m in sys.modules if m.startswith(('authspec_contract', 'starlette', "
        "'uvicorn', 'authspec_mock.s'))])"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stdout == "[]\n", result.stderr
