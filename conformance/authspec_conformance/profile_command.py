"""`authspec profile from-django MODULE`: prints the profile of a backend's own settings."""

import argparse
import os
import sys
from importlib import import_module

from authspec_conformance.profile_text import profile_text
from authspec_contract.errors import UsageError

ABOUT = """Prints the profile of a backend, read from its Django settings. Run it in the backend's own
environment, in the folder where manage.py is. It asks no database and no server; what a profile
cannot say of these settings stands in the comments."""
EXAMPLE = """example:
  authspec profile from-django config.settings > ours.yaml"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of `authspec profile`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description, parser.epilog = ABOUT, EXAMPLE
    kinds = parser.add_subparsers(metavar="SOURCE", required=True)
    django = kinds.add_parser(
        "from-django",
        help="from Django settings",
        description=ABOUT,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = django.add_argument
    add("module", metavar="MODULE", help="the settings module, such as config.settings")
    add("--name", help="what the profile is called (default: the module's first part)")


def run(arguments: argparse.Namespace) -> int:
    """Runs the command; gives its exit code. Raises UsageError where Django cannot be set up."""
    name = arguments.name or arguments.module.partition(".")[0]
    text = from_django(arguments.module, name)
    print(text, end="")
    _check(text)
    return 0


def from_django(module: str, name: str) -> str:
    """The profile file of these settings; sets Django up in this process."""
    # as manage.py has it: the project's folder is where modules are looked for first
    sys.path.insert(0, os.getcwd())
    os.environ["DJANGO_SETTINGS_MODULE"] = module
    try:
        import_module("django").setup()
        import_module("djoser.conf")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"The module {error.name!r} cannot be imported; expected the environment of the backend, "
            "and the folder in which its manage.py is."
        ) from None
    except Exception as error:
        raise UsageError(
            f"Django cannot be set up with {module!r} ({type(error).__name__}: "
            f"{_first_line(error)}); expected settings that its own manage.py check accepts."
        ) from None
    from authspec_conformance.django_profile import read_profile

    tree, notes = read_profile(name)
    return profile_text(tree, heading=[f"The profile of the Django settings {module}.", *notes])


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")


def _check(text: str) -> None:
    """Says where authspec itself would refuse the profile. A backend may lack the YAML library."""
    try:
        from authspec_contract.profile_file import profile_from_text
    except ImportError:
        return
    try:
        profile_from_text(text, source="the printed profile")
    except UsageError as error:
        print(f"authspec: {error}", file=sys.stderr)
