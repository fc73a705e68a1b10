"""No secret of a run is ever written; what stands for it says which one it is."""

from hypothesis import given
from hypothesis import strategies as st

from authspec_conformance.redaction import VARIABLE, Redactor

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoxfQ.s1gnature_of_it"
DJANGO_TOKEN = "d2ab3c-0123456789abcdef0123456789abcdef"


def knowing(*secrets: str) -> Redactor:
    redactor = Redactor()
    for secret in secrets:
        redactor.learn(secret)
    return redactor


def test_the_same_secret_always_has_the_same_name_and_another_has_another():
    redactor = knowing("first-one", "second-one")
    assert redactor.learn("first-one") == "$PASSWORD_1"
    assert redactor.text("second-one, first-one, second-one") == (
        "$PASSWORD_2, $PASSWORD_1, $PASSWORD_2"
    )


def test_each_kind_counts_for_itself():
    redactor = Redactor()
    assert redactor.learn("a-password") == "$PASSWORD_1"
    assert redactor.learn("a-token-1", "TOKEN") == "$TOKEN_1"
    assert redactor.learn("a-token-2", "TOKEN") == "$TOKEN_2"


def test_a_name_before_a_letter_or_digit_is_in_braces_as_a_shell_needs_it():
    redactor = knowing("first-one")
    assert redactor.text("first-one0 first-one_ first-one-") == (
        "${PASSWORD_1}0 ${PASSWORD_1}_ $PASSWORD_1-"
    )


def test_what_looks_like_a_token_is_masked_though_nobody_taught_it():
    redactor = Redactor()
    assert redactor.text(f"a {JWT} b") == "a $TOKEN_1 b"
    assert redactor.text(f"/activate/MQ/{DJANGO_TOKEN}/") == "/activate/MQ/$TOKEN_2/"
    assert redactor.text(JWT) == "$TOKEN_1"


def test_short_texts_are_not_learnt_for_they_are_found_in_ordinary_words():
    redactor = knowing("a", "user")
    assert redactor.text("a user") == "a user"


def test_of_two_secrets_one_inside_the_other_nothing_is_left_over():
    for order in (
        ["inner-secret", "outer inner-secret x"],
        ["outer inner-secret x", "inner-secret"],
    ):
        shown = knowing(*order).text("<outer inner-secret x> <inner-secret>")
        assert "outer" not in shown
        assert "inner" not in shown


def test_many_secrets_are_all_masked():
    secrets = [f"secret-number-{n}-of-many" for n in range(400)]
    redactor = knowing(*secrets)
    shown = redactor.text(" ".join(secrets))
    assert "secret" not in shown
    assert shown.split()[0] == "$PASSWORD_1"
    assert shown.split()[399] == "$PASSWORD_400"


@given(st.lists(st.text(min_size=6, max_size=20), max_size=120), st.text(max_size=20))
def test_no_learnt_secret_stays_in_any_text(secrets, between):
    redactor = knowing(*secrets)
    shown = VARIABLE.sub("\0", redactor.text(between.join(secrets)))
    assert not [s for s in secrets if s in shown and s not in between and "\0" not in s]


def test_tokens_are_learnt_from_answers_wherever_they_stand():
    redactor = Redactor()
    redactor.learn_from({"x": [{"auth_token": "0123456789abcdef0123456789abcdef01234567"}]})
    assert redactor.text("Token 0123456789abcdef0123456789abcdef01234567") == "Token $TOKEN_1"


def test_messages_under_a_tokens_key_are_no_tokens():
    redactor = Redactor()
    redactor.learn_from({"token": "This field may not be blank."})
    redactor.learn_from({"token": ["This field may not be blank."]})
    assert redactor.text("This field may not be blank.") == "This field may not be blank."


def test_headers_that_carry_secrets_are_masked_even_where_the_secret_is_not_known():
    shown = Redactor().headers(
        [
            ("Authorization", "JWT unknown.unknown"),
            ("Proxy-Authorization", "Basic abc"),
            ("Cookie", "sessionid=unknown1; csrftoken=unknown2"),
            ("X-CSRFToken", "unknown3"),
            ("X-Gate-Token", "unknown4"),
            ("X-Api-Key", "unknown5"),
            ("WWW-Authenticate", 'JWT realm="api"'),
            ("Content-Type", "application/json"),
        ]
    )
    assert "unknown" not in str(shown)
    assert shown["Authorization"] == "JWT $CREDENTIALS"
    assert shown["Cookie"] == "sessionid=$COOKIE; csrftoken=$COOKIE"
    assert shown["WWW-Authenticate"] == 'JWT realm="api"'
    assert shown["Content-Type"] == "application/json"


def test_of_a_cookie_that_is_set_the_attributes_stay():
    redactor = Redactor()
    assert redactor.headers([("Set-Cookie", "sessionid=unknown; Path=/; HttpOnly")]) == {
        "Set-Cookie": "sessionid=$COOKIE; Path=/; HttpOnly"
    }
    redactor.learn("unknown", "COOKIE")
    assert redactor.headers([("Set-Cookie", "sessionid=unknown; Path=/")]) == {
        "Set-Cookie": "sessionid=$COOKIE_1; Path=/"
    }


def test_beside_a_known_cookie_an_unknown_one_is_masked_as_well():
    redactor = Redactor()
    redactor.learn("known-value", "COOKIE")
    assert redactor.headers([("Cookie", "a=known-value; b=unknown")]) == {
        "Cookie": "a=$COOKIE_1; b=$COOKIE"
    }


def test_a_repeated_header_is_joined():
    assert Redactor().headers([("A", "1"), ("A", "2")]) == {"A": "1, 2"}
