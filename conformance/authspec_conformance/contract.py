"""Holds every answer of a run against the effective OpenAPI of the profile."""

from authspec_conformance.exchange import Reply
from authspec_conformance.observer import Contract
from authspec_contract.errors import ContractError
from authspec_contract.oracle import oracle_of
from authspec_contract.profile import Profile


def contract_of(profile: Profile) -> Contract:
    """A judge of answers: gives the first thing that the contract does not know about one."""
    oracle = oracle_of(profile)

    def judge(reply: Reply) -> str | None:
        path = reply.path.partition("?")[0]
        start = path.find(profile.prefix)
        if start < 0 or reply.status >= 500 or reply.status == 429:
            return None
        if len(reply.call.body) > profile.django.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return None  # Django's own 400, a page, comes before the view (django/http/request.py)
        inside = path[start:]
        try:
            oracle.template(inside)
        except ContractError:
            return None
        found = oracle.complaints(
            reply.call.method, inside, reply.status, reply.body, dict(reply.headers)
        )
        return f"{reply}: {found[0]}" if found else None

    return judge
