"""The profiles in which faults show."""

EVERYWHERE = ("document", "hypersaas", "djoser")
BY_EMAIL = ("document", "hypersaas")
NOT_HYPERSAAS = ("document", "djoser")
HYPERSAAS = ("hypersaas",)
"""Its users/me/ has a name, and lets the address be written."""

_FOLDER = "tests/fidelity/profiles"
BY_PAGE = (f"{_FOLDER}/session-first.yaml",)
"""DRF's login page is the only way in."""
BY_TOKEN = (f"{_FOLDER}/sessions-kept.yaml",)
"""A token login begins a session."""
MANY_FIELDS = (f"{_FOLDER}/many-fields.yaml",)
"""A registration needs a title too."""
OPEN_HOUSE = (f"{_FOLDER}/open-house.yaml",)
"""Users are not hidden from each other; resets and deletions are not for everybody."""
PASTED = (f"{_FOLDER}/pasted.yaml",)
"""A password change ends the account's token; a new address is activated anew."""
REVOKING = (f"{_FOLDER}/revoking.yaml",)
"""Refresh tokens rotate; a password change ends access tokens."""
SESSIONS = (f"{_FOLDER}/sessions.yaml",)
"""As `BY_TOKEN`; a password change ends every login, and mails tell of it."""
USERNAMES = (f"{_FOLDER}/usernames.yaml",)
"""Unknown addresses are told, and every mail there is is sent."""
UUIDS = (f"{_FOLDER}/uuids.yaml",)
"""Refresh tokens rotate, and a used one is dead."""
