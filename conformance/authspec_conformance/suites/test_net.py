"""The net: generated calls to every operation of the contract."""

import pytest

from authspec_conformance.claims import Claims, requirement
from authspec_conformance.context import Context
from authspec_conformance.people import People

EXAMPLES = {"default": 5, "thorough": 60}
REGISTRATIONS = {"default": 2, "thorough": 10}


@pytest.mark.default_only
@requirement("NET-001", "NET-002", "NET-003", "NET-004", "NET-005")
def test_generated_calls(claim: Claims, context: Context, people: People) -> None:
    """schemathesis makes calls up from the contract, good ones and bad ones."""
    from authspec_conformance.net import cast

    mode = context.settings.mode
    account = people.active() if people.can_make_active else people.shared()
    findings = cast(
        context,
        people.client(account),
        spared=account.given,
        examples=EXAMPLES[mode],
        registrations=REGISTRATIONS[mode],
    )
    for id_ in claim.ids:
        with claim(id_):
            if found := findings.of(id_):
                raise found[0]
