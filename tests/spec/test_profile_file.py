"""A profile file is read with Django's own words; whatever is not known is refused in one sentence."""

import copy
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from authspec_contract.errors import UsageError
from authspec_contract.facts import facts
from authspec_contract.profile_file import load_profile, profile_from_mapping, shipped_profiles

MINIMAL: dict[str, Any] = {
    "name": "mine",
    "user": {
        "login_field": "email",
        "fields": [
            {"name": "id", "type": "integer", "read_only": True},
            {"name": "email", "type": "email", "read_only": True},
        ],
        "create": ["email", "id"],
    },
}


def changed(path, value):
    raw = copy.deepcopy(MINIMAL)
    *groups, last = path.split(".")
    place = raw
    for group in groups:
        place = place.setdefault(group, {})
    place[last] = value
    return raw


def read(path, value):
    return profile_from_mapping(changed(path, value), source="mine.yaml")


def test_three_profiles_are_shipped_and_load_under_their_own_names():
    assert shipped_profiles() == ("djoser", "document", "hypersaas")
    for name in shipped_profiles():
        assert load_profile(name).name == name


def test_an_empty_profile_has_the_defaults_of_the_packages():
    profile = profile_from_mapping(MINIMAL, source="mine.yaml")
    assert profile.prefix == "/auth/"
    assert profile.simple_jwt.ACCESS_TOKEN_LIFETIME == 300
    assert profile.django.PASSWORD_RESET_TIMEOUT == 259200
    assert profile.permission("user_delete") == ("CurrentUserOrAdmin",)
    assert profile.challenge == "Token"


def test_a_file_is_read_from_its_path(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(MINIMAL))
    assert load_profile(str(file)).source == str(file)


def test_settings_can_be_pasted_as_django_has_them():
    profile = read("djoser.PERMISSIONS", {"user_list": ["rest_framework.permissions.IsAdminUser"]})
    assert profile.permission("user_list") == ("IsAdminUser",)
    assert profile.permission("user") == ("CurrentUserOrAdmin",)
    validators = ["django.contrib.auth.password_validation.NumericPasswordValidator"]
    assert read("password_validators", validators).password_validators[0].name == "NumericPassword"


def test_durations_are_seconds_or_have_a_unit():
    assert read("simple_jwt.ACCESS_TOKEN_LIFETIME", "5m").simple_jwt.ACCESS_TOKEN_LIFETIME == 300
    assert read("django.PASSWORD_RESET_TIMEOUT", 600).django.PASSWORD_RESET_TIMEOUT == 600


@pytest.mark.parametrize(
    ("first", "status", "challenge"),
    [
        ("session", 403, None),
        ("basic", 401, 'Basic realm="api"'),
        ("token", 401, "Token"),
        ("jwt", 401, 'Bearer realm="api"'),
    ],
)
def test_the_first_authentication_class_decides_how_the_nameless_are_refused(
    first, status, challenge
):
    profile = read("authentication", [first, "jwt"])
    assert (profile.anonymous_status, profile.challenge) == (status, challenge)


def test_a_field_may_be_left_blank_where_it_is_not_required():
    raw = copy.deepcopy(MINIMAL)
    raw["user"]["fields"].append({"name": "nick", "type": "string", "required": False})
    field = profile_from_mapping(raw, source="x").user.field("nick")
    assert field.allow_blank
    assert field.verbose_name == "nick"


def test_registration_takes_what_the_profile_shows_read_only():
    field = profile_from_mapping(MINIMAL, source="x").user.create[0]
    assert (field.name, field.read_only, field.required) == ("email", False, True)


BAD = [
    ("nmae", "x", "unknown key 'nmae'; did you mean 'name'"),
    ("djoser.SEND_ACTIVATION_MAIL", True, "did you mean 'SEND_ACTIVATION_EMAIL'"),
    ("djoser.send_activation_email", True, "did you mean 'SEND_ACTIVATION_EMAIL'"),
    ("djoser.SEND_ACTIVATION_EMAIL", "yes", "expected true or false"),
    ("djoser.SEND_ACTIVATION_EMAIL", True, "ACTIVATION_URL is missing"),
    ("djoser.PASSWORD_RESET_CONFIRM_URL", "reset/{uid}", "with {uid} and {token}"),
    ("djoser.PERMISSIONS", {"user_lst": ["AllowAny"]}, "did you mean 'user_list'"),
    ("djoser.PERMISSIONS", {"user_list": ["AllowAll"]}, "did you mean 'AllowAny'"),
    ("djoser.TOKEN_MODEL", "my.Token", "expected null or rest_framework"),
    ("djoser", ["SEND_ACTIVATION_EMAIL"], "expected a mapping"),
    ("simple_jwt.AUTH_HEADER_TYPES", [], "at least one word"),
    ("simple_jwt.ACCESS_TOKEN_LIFETIME", "5 parsecs", "expected a duration"),
    ("simple_jwt.ROTATE_REFRESH_TOKEN", True, "did you mean 'ROTATE_REFRESH_TOKENS'"),
    ("authentication", [], "authentication is empty"),
    ("authentication", ["jtw"], "did you mean 'jwt'"),
    ("authentication", "jwt", "expected a list"),
    ("versions", {"djoser": 2.3}, "a version in quotes"),
    ("versions", {"jango": "5"}, "did you mean 'django'"),
    ("user.id", "int", "integer"),
    ("user.login_field", "username", "create lacks the login field 'username'"),
    ("user.create", ["email", "phone"], "names 'phone', which user.fields does not have"),
    ("user.fields", [{"name": "a", "type": "text"}], "type is 'text'"),
    ("user.fields", [{"name": "a"}], "lacks the key 'type'"),
    ("user.fields", [{"name": "a", "type": "choice"}], "lacks 'choices'"),
    ("user.fields", [{"name": "a", "type": "string", "max": 5}], "unknown key 'max'"),
    ("password_validators", ["Minimum"], "did you mean 'MinimumLength'"),
    ("password_validators", [{"MinimumLength": "ten"}], "with a number"),
    ("throttle", {"anonymous": "5/min"}, "known are anon, user"),
    ("throttle", {"anon": "often"}, "a rate such as 10/min"),
    ("prefix", "auth", "begins and ends with a slash"),
    ("urls", ["users", "jwts"], "did you mean 'jwt'"),
    ("session_login", "api-auth/login/", "a path from the root"),
    ("session_login", "/api-auth/login/", "authentication lacks session"),
    ("parsers", ["xml"], "is 'xml'"),
    ("permissions", {"defualt": ["AllowAny"]}, "did you mean 'default'"),
    ("mail.form", "a@b.c", "did you mean 'from'"),
    ("hasher", "rot13", "is 'rot13'"),
    ("name", 5, "expected a text"),
]


@pytest.mark.parametrize(("path", "value", "expected"), BAD, ids=[f"{p}={v}" for p, v, _ in BAD])
def test_every_kind_of_bad_input_is_one_sentence_that_names_the_file(path, value, expected):
    with pytest.raises(UsageError) as caught:
        read(path, value)
    assert expected in str(caught.value)
    assert "mine.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_name_lists_the_shipped_ones():
    with pytest.raises(UsageError, match=r"There is no profile 'documnet'; .* mean 'document'"):
        load_profile("documnet")


def test_a_path_that_does_not_exist_is_not_taken_for_a_name():
    with pytest.raises(UsageError, match=r"none/mine\.yaml does not exist"):
        load_profile("none/mine.yaml")


@pytest.mark.parametrize("text", ["", "- a\n", "hello", "5"])
def test_a_file_that_holds_no_profile_is_one_sentence(tmp_path, text):
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match="expected a profile"):
        load_profile(str(file))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
PATHS = sorted({path for path, _, _ in BAD} | {"user", "mail", "django", "renderers", "language"})


@settings(max_examples=300, deadline=None, database=None)
@given(path=st.sampled_from(PATHS), value=VALUES)
def test_no_value_at_any_place_causes_more_than_a_sentence(path, value):
    try:
        facts(read(path, value))
    except UsageError as error:
        sentence = str(error)
    else:
        sentence = ""
    assert "\n" not in sentence


# --- fields whose type does not say enough --------------------------------------------------------


def field_of(**values):
    raw = copy.deepcopy(MINIMAL)
    raw["user"]["fields"].append({"name": "more", **values})
    return profile_from_mapping(raw, source="mine.yaml").user.fields[-1]


def test_the_time_of_a_last_login_or_change_changes_by_itself():
    for name in ("last_login", "updated_at"):
        assert field_of(name=name, type="datetime", read_only=True).volatile
    assert not field_of(name="date_joined", type="datetime", read_only=True).volatile
    assert not field_of(name="last_name", type="string").volatile
    assert field_of(type="string", read_only=True, volatile=True).volatile


def test_a_user_is_compared_without_what_changes_by_itself():
    raw = copy.deepcopy(MINIMAL)
    raw["user"]["fields"].append({"name": "last_login", "type": "datetime", "read_only": True})
    user = profile_from_mapping(raw, source="mine.yaml").user
    assert user.steady({"id": 1, "last_login": "now"}) == {"id": 1}
    assert user.steady("no object") == "no object"


def test_any_text_goes_into_a_field_unless_its_example_or_its_name_say_otherwise():
    assert field_of(name="company", type="string").free_text
    assert not field_of(name="phone", type="string").free_text
    assert not field_of(name="home_phone", type="string").free_text
    assert not field_of(name="code", type="string", example="AB-{n}").free_text
    assert not field_of(name="company", type="string", read_only=True).free_text
    assert field_of(name="code", type="string", example="AB-{n}").sample(7) == "AB-7"


def test_a_field_of_any_shape_that_has_to_be_given_needs_an_example():
    with pytest.raises(UsageError, match="add an 'example'"):
        field_of(type="any")
    assert field_of(type="any", example={"a": 1}).required
    assert not field_of(type="any", read_only=True).required


def test_a_token_has_one_word_before_it():
    assert read("token_keyword", "Bearer").challenge == "Bearer"
    with pytest.raises(UsageError, match="one word, such as Token"):
        read("token_keyword", "two words")


def test_settings_of_web_tokens_that_callers_do_not_notice_may_be_pasted():
    pasted = {
        "ALGORITHM": "RS256",
        "SIGNING_KEY": "secret",
        "AUTH_HEADER_NAME": "HTTP_AUTHORIZATION",
    }
    assert read("simple_jwt", pasted) == read("simple_jwt", {})
    with pytest.raises(UsageError, match="HTTP_AUTHORIZATION"):
        read("simple_jwt", {"AUTH_HEADER_NAME": "HTTP_X_TOKEN"})
    with pytest.raises(UsageError, match="ALGORITM"):
        read("simple_jwt", {"ALGORITM": "HS256"})
