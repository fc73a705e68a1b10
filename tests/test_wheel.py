"""The wheel holds the four packages with all their data, and nothing else."""

import configparser
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {
    "authspec_contract": ROOT / "spec",
    "authspec_mock": ROOT / "mockserver",
    "authspec_conformance": ROOT / "conformance",
    "authspec_reports": ROOT / "reports",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Iterator[zipfile.ZipFile]:
    """The wheel, built from the working tree with the hatchling of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def information(wheel: zipfile.ZipFile, name: str) -> str:
    (path,) = (n for n in wheel.namelist() if n.endswith(f".dist-info/{name}"))
    return wheel.read(path).decode("utf-8")


def test_its_top_level_is_the_four_packages_and_the_information(wheel):
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    assert len(tops) == len(PACKAGES) + 1


def test_every_file_of_the_packages_is_in_it(wheel):
    expected = {
        path.relative_to(home).as_posix()
        for package, home in PACKAGES.items()
        for path in (home / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert expected == inside


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_typed(wheel, package):
    assert f"{package}/py.typed" in wheel.namelist()


@pytest.mark.parametrize(
    "name",
    [
        "authspec_contract/statements.yaml",
        "authspec_contract/findings.yaml",
        "authspec_contract/results.schema.json",
        "authspec_contract/profiles/document.yaml",
        "authspec_contract/profiles/hypersaas.yaml",
        "authspec_contract/profiles/djoser.yaml",
        "authspec_reports/page.css",
    ],
)
def test_data_that_is_read_while_running_is_in_it(wheel, name):
    assert name in wheel.namelist()


@pytest.mark.parametrize("folder", ["requirements", "openapi"])
def test_the_contracts_parts_are_in_it(wheel, folder):
    names = [n for n in wheel.namelist() if n.startswith(f"authspec_contract/{folder}/")]
    assert [n for n in names if n.endswith(".yaml")] != []


def test_it_brings_one_command(wheel):
    parser = configparser.ConfigParser()
    parser.read_string(information(wheel, "entry_points.txt"))
    assert dict(parser["console_scripts"]) == {"authspec": "authspec_conformance.cli:console"}


def test_its_information_names_licence_python_and_version(wheel):
    from authspec_contract import __version__

    found = Parser().parsestr(information(wheel, "METADATA"))
    assert (found["Name"], found["Version"]) == ("authspec", __version__)
    assert found["Requires-Python"] == ">=3.11"
    assert found["License-Expression"] == "MIT"
