"""The errors of the whole project, one small tree; each carries one sentence for the user.

AuthspecError
├── UsageError         a flag, file or profile is wrong              exit 2
│   └── ContractError  a file of the contract itself is wrong        exit 2
├── ResultsError       a results file cannot be read                 exit 2
└── TargetError        the target or its mailbox cannot be tested    exit 3
"""

from collections.abc import Iterable
from difflib import get_close_matches


class AuthspecError(Exception):
    """One sentence: what was found, what was expected, what to do next."""


class UsageError(AuthspecError):
    """A flag, a file or a profile is not what it should be."""


class ContractError(UsageError):
    """A file of the contract (requirements, statements, OpenAPI parts) contradicts itself."""


class ResultsError(AuthspecError):
    """A results file is not one, or is of another version."""


class TargetError(AuthspecError):
    """The server under test, or the mailbox of its mails, cannot be used."""


def nearest(word: str, known: Iterable[str]) -> str:
    """A tail for a message about an unknown word: the nearest known one, or all of them."""
    choices = sorted(known)
    close = get_close_matches(word, choices, n=1, cutoff=0.5)
    if not close:
        folded = {choice.casefold(): choice for choice in choices}
        close = [folded[k] for k in get_close_matches(word.casefold(), folded, n=1, cutoff=0.5)]
    if close:
        return f"did you mean {close[0]!r}?"
    return "known are " + ", ".join(choices)
