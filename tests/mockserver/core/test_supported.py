"""A profile that asks for more than the mock has is refused with one sentence."""

from dataclasses import replace
from typing import Any

import pytest

from authspec_contract.errors import UsageError
from authspec_contract.profile import Profile
from authspec_contract.profile_file import load_profile, shipped_profiles

from .client import Client
from .test_users import with_djoser

DOCUMENT = load_profile("document")


@pytest.mark.parametrize("name", shipped_profiles())
def test_the_shipped_profiles_are_carried_out(name: str) -> None:
    assert Client(name).get("users/me/").status in (401, 403)


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        (replace(DOCUMENT, language="de"), "it speaks English only"),
        (
            with_djoser(EMAIL={"activation": "backend.mails.Activation"}),
            "names code of your project",
        ),
        (with_djoser(CONSTANTS={"messages": "backend.Messages"}), "names code of your project"),
        (with_djoser(SERIALIZERS={"set_password": "backend.X"}), "SERIALIZERS.set_password"),
        (replace(DOCUMENT, renderers=()), "no renderers"),
        (with_djoser(ACTIVATION_URL="{uid}/{token}/{user}"), r"with \{user\} in it"),
        (with_djoser(ACTIVATION_URL="{uid}/{token}/{"), "which is no format string"),
        (with_djoser(LOGIN_FIELD="phone"), "djoser.LOGIN_FIELD is 'phone'"),
        (with_djoser(USER_ID_FIELD="slug"), "djoser.USER_ID_FIELD is 'slug'"),
        (replace(DOCUMENT, user=replace(DOCUMENT.user, email_field="mail")), "mails to 'mail'"),
        (replace(DOCUMENT, versions=replace(DOCUMENT.versions, djoser="4.0")), "djoser 4.0"),
    ],
)
def test_what_it_lacks_is_refused(profile: Profile, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Client(profile)


def test_a_running_world_refuses_it_too_and_keeps_its_settings() -> None:
    client = Client()
    before: Any = client.world.profile
    with pytest.raises(UsageError):
        client.world.profile = replace(DOCUMENT, language="fr")
    assert client.world.profile is before
