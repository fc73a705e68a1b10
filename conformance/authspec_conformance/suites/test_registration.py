"""Registration: what it takes, what it answers, what it must not do."""

from datetime import datetime
from functools import partial
from typing import Any

import pytest

from authspec_conformance import expect
from authspec_conformance.accounts import Account
from authspec_conformance.bodies import NO_TEXTS, fits, without
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.context import Context
from authspec_conformance.errors import Inconclusive
from authspec_conformance.exchange import Reply
from authspec_conformance.mail_expect import no_link, no_mail, one_link, one_mail
from authspec_conformance.passwords import shortest_password, weak_passwords
from authspec_conformance.people import People
from authspec_contract.profile import Field, Profile


@requirement(
    "REG-001", "REG-002", "REG-003", "REG-004", "REG-005", "REG-006", "REG-007", "REG-008", "REG-009",
    "REG-031", "REG-034",
)  # fmt: skip
def test_a_newcomer_signs_up(claim: Claims, api: Client, people: People, profile: Profile) -> None:
    """A newcomer registers, opens the mail, and logs in."""
    people.ledger.reserve()
    body = people.ledger.body()
    address = body.get(profile.user.email_field)
    if address and not profile.user.lowercases_email:
        # django/contrib/auth/base_user.py normalize_email: only the domain loses its letter case
        body[profile.user.email_field] = address[:1].upper() + address[1:]
    mark = people.mark()
    reply = api("create_user", body)
    with claim("REG-001"):
        _accepted(reply, profile)
    with expect.given("a valid registration is accepted"):
        expect.status(reply, 201)
    account = people.newcomer(reply, mark)
    with claim("REG-002"):
        expect.exactly(reply, [field.name for field in profile.user.create])
    with claim("REG-003"):
        if body["password"] in reply.text:
            expect.fail(f"{reply} contains the password")
        _no_hash(reply.text)
    with claim("REG-034"):
        if people.sets_session(reply):
            expect.fail(f"{reply} sets a session cookie")
        if people.accepted(reply) or "token" in _beyond(profile, reply).lower():
            expect.fail(f"{reply} hands out a token")
    if profile.djoser.SEND_ACTIVATION_EMAIL:
        with claim("REG-006"):
            attempt = partial(people.try_login, account.login, account.password)
            tries = people.at_once(*(partial(attempt, scheme=s) for s in people.tried_schemes))
            for scheme, early in zip(people.tried_schemes, tries, strict=True):
                if people.accepted(early):
                    expect.fail(f"an account that waits for its activation logs in by {scheme}")
                if scheme != "session":  # a page shows its form again
                    expect.status(early, 401 if scheme == "jwt" else 400)
    if people.has_mailbox:
        _mails_of_a_registration(claim, people, profile, account.email, mark)
    if not people.can_make_active:
        raise Inconclusive("it needs an activation by mail, and the run has --mailbox none")
    if profile.djoser.SEND_ACTIVATION_EMAIL:
        people.activate(account)
        people.postbox.wait(account.mark, to=account.email, count=1)
    with claim("REG-005"):
        if not people.can_log_in(account):
            expect.fail("the account cannot log in with the password that it registered")
    client = people.client(account)
    with claim("REG-004"):
        me = expect.json_object(client("me"))
        answered = reply.json
        for field in profile.user.create:
            if not field.read_only and field.name in answered and field.name in body:
                _as_sent(answered[field.name], body[field.name], field, profile)
            if field.name in me and not field.volatile:
                expect.equal(
                    me[field.name], answered.get(field.name), f"{field.name!r} in users/me/"
                )
    if claim.wants("REG-031") and not people.frugal:
        with claim("REG-031"):
            right = account.password
            if people.opened_by(account, right[:-1], right + "x", right.swapcase()):
                expect.fail("a password that is only nearly the right one logs in")


def _accepted(reply: Reply, profile: Profile) -> None:
    """A 201; a refusal of a field that the run could only guess a value for is told as such."""
    guessed = {f.name for f in profile.user.create if not f.read_only} - {
        profile.user.login_field, profile.user.email_field
    }  # fmt: skip
    blamed = guessed & set(reply.json) if isinstance(reply.json, dict) else set()
    try:
        expect.status(reply, 201)
    except expect.Failure as failure:
        if reply.status == 400 and blamed:
            expect.fail(
                f"{failure}. If the target is right, give {', '.join(sorted(blamed))} an 'example' in the "
                "profile's user.create"
            )
        raise


def _as_sent(found: Any, sent: Any, field: Field, profile: Profile) -> None:
    """The field's value in an answer is the one that was sent."""
    if field.type == "any" or field.example is not None:
        return  # written in another form, as a decimal or a telephone number may be
    what = f"{field.name!r} in the answer"
    if field.type == "datetime":
        # in the target's zone, or in none, by its USE_TZ or DRF's DATETIME_FORMAT
        found, sent = _moment(found), _moment(sent)
        if found is None:
            return
    if field.name == profile.user.email_field and found != sent and found == str(sent).lower():
        expect.fail(
            f"{what} is {found!r}, expected {sent!r}; if the target means to keep addresses in small "
            "letters, say user.lowercases_email in the profile"
        )
    expect.equal(found, sent, what)


def _moment(text: Any) -> datetime | None:
    """The moment that a text with a time zone tells; None where it tells none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _mails_of_a_registration(
    claim: Claims, people: People, profile: Profile, address: str, mark: int
) -> None:
    djoser, postbox = profile.djoser, people.postbox
    if djoser.SEND_ACTIVATION_EMAIL:
        with claim("REG-007"):
            mail = one_mail(postbox, mark, to=address, what="a registration")
            one_link(postbox, mail, djoser.ACTIVATION_URL or "")
    elif djoser.SEND_CONFIRMATION_EMAIL:
        with claim("REG-008"):
            mail = one_mail(postbox, mark, to=address, what="a registration")
            for template in (djoser.ACTIVATION_URL, djoser.PASSWORD_RESET_CONFIRM_URL):
                no_link(postbox, mail, template)
    else:
        with claim("REG-009"):
            no_mail(postbox, mark, to=address, what="a registration")


def _beyond(profile: Profile, reply: Reply) -> str:
    """What the answer says besides the fields of the profile, one of which may be called `tokens_left`."""
    known = {field.name for field in profile.user.create}
    if not isinstance(reply.json, dict):
        return reply.text
    return str({key: value for key, value in reply.json.items() if key not in known})


def _no_hash(text: str) -> None:
    for sign in ("pbkdf2_", "argon2", "bcrypt", "scrypt$", "md5$", "sha1$"):
        if sign in text:
            expect.fail(f"the answer contains what looks like a password hash ({sign}…)")


@requirement(
    "REG-010", "REG-011", "REG-012", "REG-013", "REG-014", "REG-024", "REG-025", "REG-026", "REG-028",
    "REG-029", "REG-033", "REG-035",
)  # fmt: skip
def test_incomplete_and_malformed_registrations_are_refused(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """Each field missing, empty, of the wrong type, too long; afterwards nothing is left behind."""
    body = people.ledger.body()
    login = profile.user.login_field
    address = body.get(profile.user.email_field, "")
    mark = people.mark()

    def refused(field: str, **change: Any) -> None:
        expect.complains_of(api("create_user", {**body, **change}), field)

    with claim("REG-010"):
        expect.field_errors(api("create_user", without(body, "password")), "password")
    with claim("REG-011"):
        expect.field_errors(api("create_user", without(body, login)), login)
    if profile.djoser.USER_CREATE_PASSWORD_RETYPE:
        with claim("REG-012"):
            expect.field_errors(api("create_user", without(body, "re_password")), "re_password")
        with claim("REG-013"):
            for other in (
                people.ledger.password(),
                body["password"].swapcase(),
                body["password"][:-1],
            ):
                reply = api("create_user", {**body, "re_password": other})
                expect.field_errors(reply, profile.non_field_errors_key)
    with claim("REG-024"):
        for value in NO_TEXTS:
            refused("password", password=value)
    with claim("REG-025"):
        for value in NO_TEXTS:
            refused(login, **{login: value})
    with claim("REG-026"):
        for value in (
            "nobody",
            "nobody@",
            "@example.com",
            "no body@example.com",
            "a@b@example.com",
        ):
            refused(profile.user.email_field, **{profile.user.email_field: value})
    with claim("REG-028"):
        required = {f.name for f in profile.user.create if f.required and not f.read_only} | {
            "password"
        }
        if profile.djoser.USER_CREATE_PASSWORD_RETYPE:
            required.add("re_password")
        expect.field_errors(api("create_user", {}), *required)
    with claim("REG-029"):
        refused("password", password=f"\x00{body['password']}")
        refused(login, **{login: f"a\x00{body[login]}"})
    with claim("REG-033"):
        email = profile.user.field(profile.user.email_field)
        length = email.max_length or 254
        local, _, domain = address.partition("@")
        # labels of 60 characters, so that only the length is wrong
        for more in (1, 80):
            labels = ".".join(["d" * 60] * (length // 60 + more))
            if fits(profile, len(labels)):
                refused(email.name, **{email.name: f"{local}@{labels}.{domain}"})
    if claim.wants("REG-035"):
        with claim("REG-035"):
            for field in profile.user.create:
                if field.required and not field.read_only and field.name != login:
                    expect.field_errors(api("create_user", without(body, field.name)), field.name)
    with claim("REG-014"):
        if people.has_mailbox and address:
            no_mail(people.postbox, mark, to=address, what="registrations that were refused")
        expect.status(people.register(body)[1], 201)


@requirement("REG-020", "REG-021", "REG-022", "REG-023")
def test_weak_passwords_are_refused(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """One password per validator of the profile, each wrong in one way."""
    body = people.ledger.body()
    names = {
        "NumericPassword": "REG-020", "MinimumLength": "REG-021", "CommonPassword": "REG-022",
        "UserAttributeSimilarity": "REG-023",
    }  # fmt: skip
    # django/contrib/auth/password_validation.py compares with `email`, whatever the model calls its address
    email = str(body.get("email", "")) if profile.user.email_field == "email" else ""
    login = body[profile.user.login_field]
    for weak in weak_passwords(profile, login, people.ledger, email=email):
        with claim(names[weak.validator]):
            sent = {**body, "password": weak.password}
            if "re_password" in body:
                sent["re_password"] = weak.password
            reply = api("create_user", sent)
            with_reason = f"a password that is {weak.why}"
            if reply.status == 201:
                expect.fail(f"{reply} accepts {with_reason}")
            expect.field_errors(reply, "password")
    for id_ in names.values():
        claim.skip(id_, "the profile's validators leave no password that is weak in this way alone")


@requirement("REG-015", "REG-016", "REG-017", "REG-018", "REG-019", "REG-030", "REG-021")
def test_a_login_is_registered_once(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """Someone registers the login of another: to the letter, and in other letter case."""
    first = people.waiting()
    login = profile.user.login_field
    if not people.frugal:
        second, second_reply = _with_the_shortest_password(claim, people)
        with claim("REG-030"):
            if first.shown.get("id") is not None and first.id == second.shown.get("id"):
                expect.fail(f"{second_reply} gives the id of another account")
            expect.equal(
                second.shown.get(login), second.fields[login], f"{login!r} of the second account"
            )
        people.await_welcome(second)
    people.await_welcome(first)
    mark = people.mark()
    attempt = people.ledger.body(**{login: first.fields[login]})
    reply = api("create_user", attempt)
    with claim("REG-015"):
        expect.complains_of(reply, login)
    with claim("REG-016"):
        expect.status(reply, 400)
        if people.has_mailbox:
            no_mail(people.postbox, mark, to=first.email, what="a registration of a taken login")
        if people.can_make_active and not people.frugal:
            if profile.djoser.SEND_ACTIVATION_EMAIL:
                try:
                    people.activate(first)
                except Inconclusive as reason:
                    expect.fail(f"the first account cannot be activated any more: {reason}")
            if not people.can_log_in(
                first
            ):  # an account has one password: no need to try the other
                expect.fail("the first account's password does not work any more")
    if profile.user.login_field != profile.user.email_field:
        return
    local, _, domain = first.fields[login].partition("@")
    if claim.wants("REG-017", "REG-018"):
        twin = api("create_user", people.ledger.body(**{login: f"{local}@{domain.upper()}"}))
        with claim("REG-017"):
            expect.status(twin, 400)
        with claim("REG-018"):
            expect.complains_of(twin, login)
    if claim.wants("REG-019") and not people.frugal:
        with claim("REG-019"):
            variant = api("create_user", people.ledger.body(**{login: f"{local.upper()}@{domain}"}))
            expect.status(variant, 400)


def _with_the_shortest_password(claim: Claims, people: People) -> tuple[Account, Reply]:
    """A second account, whose password is as short as the validators let it be."""
    password = shortest_password(people.profile, people.ledger)
    with claim("REG-021"):
        if password is not None:
            people.ledger.learn(password)
            account, reply = people.register_again(people.ledger.body(password=password))
            account.odd = True
            return account, reply
    return people.register()


@requirement("REG-027")
def test_a_registration_takes_no_rights(
    api: Client, people: People, profile: Profile, context: Context
) -> None:
    """Someone asks for an id, activity, staff and superuser rights while registering."""
    wish = {
        "is_staff": True, "is_superuser": True, "is_active": True, "is_admin": True, "role": "admin",
        "groups": [1], "user_permissions": [1], "date_joined": "2001-01-01T00:00:00Z",
    }  # fmt: skip
    taken = {field.name for field in profile.user.create if not field.read_only}
    wish = {name: value for name, value in wish.items() if name not in taken}
    id_field = profile.djoser.USER_ID_FIELD
    if id_field not in taken:
        wish[id_field] = 987654321 if profile.user.id == "integer" else str(_uuid(context))
    account, reply = people.register(people.ledger.body(**wish))
    if reply.json.get(id_field) == wish.get(id_field):
        expect.fail(f"{reply} takes the id that the newcomer wished for")
    for name in ("is_staff", "is_superuser"):
        if reply.json.get(name) is True:
            expect.fail(f"{reply} says that the newcomer has {name}")
    if profile.djoser.SEND_ACTIVATION_EMAIL:
        if people.frugal:
            return
        if people.can_log_in(account):
            expect.fail(
                "an account that registered with is_active can log in without an activation"
            )
        people.activate(account)
    client = people.client(account)
    own = people.id_of(account)
    if wish.get(id_field) == own:
        expect.fail("the account has the id that the newcomer wished for")
    other = people.id_of(people.shared())
    if other is None or profile.permission("user") != ("CurrentUserOrAdmin",):
        return
    reply = client.raw("GET", f"users/{other}/")
    if reply.status == 200:
        expect.fail(f"{reply}: an account that registered with is_staff sees the data of others")


def _uuid(context: Context) -> Any:
    from uuid import UUID

    return UUID(int=context.random("uuid").getrandbits(128), version=4)


@pytest.mark.default_only
@requirement("REG-032")
def test_a_long_password_with_odd_characters_works(people: People) -> None:
    """A password with spaces inside and with letters beyond ASCII logs in, and only as a whole."""
    first, last, more = (people.ledger.password() for _ in range(3))
    short = f"{first}  Zwölf Boxkämpfer ☃ 🔑 {last}"
    password = f"{short} {more}"
    people.ledger.learn(password)
    people.ledger.learn(short)
    people.ask_for_registration()
    if not people.can_make_active:
        raise Inconclusive("it needs an activation by mail, and the run has --mailbox none")
    try:
        account, _ = people.register_again(people.ledger.body(password=password))
    except expect.Failure:
        # a house may bound the length (NIST SP 800-63B §5.1.1.2: at 64 characters or above)
        password = short
        account, _ = people.register_again(people.ledger.body(password=password))
    if people.profile.djoser.SEND_ACTIVATION_EMAIL:
        people.activate(account)
    else:
        people.await_welcome(account)
    expect.status(people.fresh_client(account)("me"), 200)
    parts = {
        "with one blank where two are": password.replace("  ", " "),
        "without its letters beyond ASCII": password.encode("ascii", "ignore").decode(),
    }
    # bcrypt reads 72 bytes (django/contrib/auth/hashers.py)
    if people.profile.hasher != "bcrypt" and len(password) > 72:
        parts["cut off after 72 characters"] = password[:72]
    opened = people.opened_by(account, *parts.values())
    for what, part in parts.items():
        if part in opened:
            expect.fail(f"a long password logs in {what}")
