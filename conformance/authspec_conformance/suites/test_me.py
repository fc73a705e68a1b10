"""The current user: reading, writing, and what nobody may read or write."""

from typing import Any
from uuid import UUID

from authspec_conformance import expect
from authspec_conformance.accounts import Account
from authspec_conformance.bodies import fits
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.context import Context
from authspec_conformance.exchange import MISSING, Reply
from authspec_conformance.mail_expect import no_mail, one_mail
from authspec_conformance.operations import id_of_nobody
from authspec_conformance.people import People
from authspec_contract.profile import Field, Profile

METHODS = ("GET", "PUT", "PATCH", "DELETE")
HASHES = ("pbkdf2_", "argon2", "bcrypt", "scrypt$", "md5$", "sha1$")
"""What a stored password begins with (django/contrib/auth/hashers.py)."""


@requirement(
    "ME-001", "ME-002", "ME-003", "ME-004", "ME-015", "ME-016", "ME-020", "ME-022", "ME-023", "ME-024", "ME-025",
)  # fmt: skip
def test_reading_the_profile(
    claim: Claims, api: Client, people: People, profile: Profile, context: Context
) -> None:
    """Two accounts read their data by turns; a stranger, and one with broken credentials, read nothing."""
    first, second = people.shared(), people.shared("second")
    client, neighbour = people.client(first), people.client(second)
    reply = client("me")
    with claim("ME-001"):
        expect.status(reply, 200)
        me = expect.exactly(reply, [field.name for field in profile.user.fields])
        for field in profile.user.fields:
            _is_of_type(me[field.name], field)
    with claim("ME-015"):
        token = client.credentials.secret if client.credentials else ""  # none for a session
        for secret in (first.password, token, *HASHES):
            if secret and secret in reply.text:
                expect.fail(f"{reply} shows a password, its hash or a token")
    with claim("ME-002"):
        login = profile.login_field
        for account, caller in ((first, client), (second, neighbour), (first, client)):
            body = expect.json_object(caller("me"))
            if login in body:
                expect.equal(body[login], account.login, f"{login!r} in users/me/")
    with claim("ME-016"):
        again = client("me")
        if any(field.volatile for field in profile.user.fields):
            expect.equal(_steady(again, people), _steady(reply, people), "the second reading")
        else:
            expect.equal(again.text, reply.text, "the second reading of users/me/")
    with claim("ME-003"):
        for method in METHODS:
            expect.detail(api.raw(method, "users/me/"), profile.anonymous_status)
    with claim("ME-004"):
        scheme = (profile.challenge or "").partition(" ")[0]
        calls = (*((m, "users/me/") for m in METHODS), ("POST", "users/set_password/"))
        for method, path in calls:
            expect.header(
                api.raw(method, path),
                "WWW-Authenticate",
                lambda v: v.partition(" ")[0] == scheme,
                f"the scheme {scheme}",
            )
    with claim("ME-020"):
        post = client.raw("POST", "users/me/")
        expect.detail(post, 405)
        expect.header(post, "Allow", _allows_methods, ", ".join(METHODS))
    with claim("ME-022"):
        stranger = api("me")
        for value in _broken_credentials(profile):
            reply = api.raw("GET", "users/me/", headers={"Authorization": value})
            expect.status(reply, profile.anonymous_status)
            if not value.startswith("Nonsense") and reply.json == stranger.json:
                expect.fail(f"{reply} speaks of missing credentials, and they are there and broken")
    with claim("ME-025"):
        expect.header(
            reply,
            "Cache-Control",
            lambda v: "no-store" in v or "private" in v,
            "no-store or private",
        )
    with context.observer.odd():
        with claim("ME-023"):
            head = client.raw("HEAD", "users/me/")
            expect.status(head, 200)
        with claim("ME-024"):
            expect.status(client.raw("OPTIONS", "users/me/"), 200, 204)


def _allows_methods(value: str) -> bool:
    return {*METHODS} <= _methods(value) and "POST" not in _methods(value)


def _is_of_type(value: Any, field: Field) -> None:
    name = f"{field.name!r} in users/me/"
    if value is None:
        if not (field.allow_null or field.read_only):
            expect.fail(f"{name} is null, expected {field.type}")
        return
    if field.type == "any":
        return
    types: dict[str, type | tuple[type, ...]] = {"integer": int, "boolean": bool}
    wanted = types.get(field.type, str)
    if not isinstance(value, wanted) or (field.type == "integer" and isinstance(value, bool)):
        expect.fail(f"{name} is {value!r}, expected {field.type}")
    if field.type == "uuid":
        try:
            UUID(str(value))
        except ValueError:
            expect.fail(f"{name} is {value!r}, expected a UUID")
    if field.type == "email" and value and "@" not in str(value):
        expect.fail(f"{name} is {value!r}, expected a mail address")


def _broken_credentials(profile: Profile) -> list[str]:
    words = []
    if "token" in profile.authentication:
        word = profile.token_keyword
        words += [word, f"{word} a b", f"{word} nonsense", f"{word} {'0' * 40}"]
    if "jwt" in profile.authentication:
        word = profile.simple_jwt.AUTH_HEADER_TYPES[0]
        words += [f"{word} nonsense", f"{word} a b", f"{word} a.b.c"]
    if "basic" in profile.authentication:
        words += [
            "Basic",
            "Basic a b",
            "Basic !!!",
            "Basic bm9uc2Vuc2U=",
        ]  # which has no colon in it
    return [*words, "Nonsense", "Nonsense with words"]


def _methods(value: str) -> set[str]:
    return {method.strip() for method in value.split(",")}


@requirement(
    "ME-005", "ME-006", "ME-007", "ME-008", "ME-009", "ME-010", "ME-011", "ME-012", "ME-013", "ME-014", "ME-021",
    "ME-026", "ME-027", "ME-035",
)  # fmt: skip
def test_writing_the_profile(claim: Claims, api: Client, people: People, profile: Profile) -> None:
    """An account writes its data, well and badly, while another one's stay as they are."""
    elder, account, other = people.settled(), people.settled(), people.shared("second")
    client, neighbour = people.client(account), people.client(other)
    before, others = people.me(client), people.me(neighbour)
    around = people.others(account, elder)
    with expect.given("the account can read its data"):
        expect.status(client("me"), 200)
    mark = people.mark()
    with claim("ME-007"):
        expect.equal(
            _steady(client("me_patch", {}), people), before, "the answer to an empty PATCH"
        )
        expect.equal(people.me(client), before, "users/me/ after an empty PATCH")
    text = profile.user.free_text
    if text is not None:
        _writes_text(claim, client, people, before, text)
        with claim("ME-013"):
            no_mail(people.postbox, mark, to=account.email, what="a PATCH")
        with claim("ME-014"):
            expect.equal(people.me(neighbour), others, "the data of another account")
            people.unharmed(around)
            if not any(seen.account is elder for seen in around):
                expect.fail("the account that was made before this one cannot be read any more")
        with claim("ME-021"):
            kept = people.me(client)
            for method in METHODS[1:]:
                api.raw(
                    method,
                    "users/me/",
                    data=f'{{"{text.name}": "stranger", "current_password": "{account.password}"}}'.encode(),
                    headers={"Content-Type": "application/json"},
                )
            expect.equal(people.me(client), kept, "users/me/ after calls without credentials")
    else:
        with claim("ME-021"):
            api.raw(
                "DELETE",
                "users/me/",
                data=b'{"current_password": "x"}',
                headers={"Content-Type": "application/json"},
            )
            expect.status(client("me"), 200)
    _takes_no_rights(claim, client, people, account)
    with claim("ME-027"):
        required = [f for f in profile.user.fields if f.required and not f.read_only]
        full = _full_body(people.me(client), profile)
        for field in required:
            body = {name: value for name, value in full.items() if name != field.name}
            expect.complains_of(client("me_put", body), field.name)


def _writes_text(
    claim: Claims, client: Client, people: People, before: dict[str, Any], text: Field
) -> None:
    name, profile = text.name, people.profile
    full = _full_body(before, profile)
    for id_, operation, body in (
        ("ME-005", "me_patch", {name: "Ada, by PATCH"[: text.max_length]}),
        ("ME-006", "me_put", {**full, name: "Bob, by PUT"[: text.max_length]}),
    ):
        with claim(id_):
            answer = _ok(client(operation, body))
            expect.equal(answer.get(name), body[name], f"{name!r} in the answer")
            now = people.me(client)
            expect.equal(now, written(before, now, text, body[name]), "users/me/ afterwards")
    with claim("ME-026"):
        values = (
            "Zoë Łuczak ☃ 名字", "<b>&amp;'\"</b>", "O'Neill; DROP TABLE users", "Ada  King",
            "Zoë", "Zoe\u0308 🔑", "007", "null",
        )  # fmt: skip
        for value in (*values, *([""] if text.allow_blank else [])):
            value = value[: text.max_length].strip()  # DRF trims what it stores
            with people.observer.odd():
                reply = client("me_patch", {name: value})
            if _is_of_a_firewall(reply):
                continue
            expect.equal(_ok(reply).get(name), value, f"{name!r} in the answer")
            expect.equal(client("me").json[name], value, f"{name!r} in users/me/")
    with claim("ME-035"):
        if text.default is None and not text.required:
            left = {key: value for key, value in full.items() if key != name}
            client("me_patch", {name: "left-as-it-is"[: text.max_length]})
            shown = people.me(client)
            expect.equal(
                _steady(client("me_put", left), people), shown, "the answer to a PUT without it"
            )
            expect.equal(people.me(client), shown, "users/me/ after a PUT without it")
    kept = people.me(client)
    with claim("ME-011"):
        wrong: list[Any] = [["a"], {"a": "b"}, True]
        if not text.allow_null:
            wrong.append(None)
        for item in wrong:
            expect.field_errors(client("me_patch", {name: item}), name)
        expect.equal(people.me(client), kept, "users/me/ after refused calls")
    _writes_what_fits(claim, client, people)


def _is_of_a_firewall(reply: Reply) -> bool:
    """Whether something before the API refuses what looks like an attack, by a page of its own."""
    return reply.status in {403, 406} and reply.json is MISSING


def _writes_what_fits(claim: Claims, client: Client, people: People) -> None:
    profile = people.profile
    texts = [f for f in profile.user.fields if f.free_text]
    name, most = next(((f.name, f.max_length) for f in texts if f.max_length), ("", 0))
    if not most:
        return
    kept = people.me(client)
    with claim("ME-012"):
        for length in (most + 1, 5000 + most):
            if fits(profile, length):
                expect.field_errors(client("me_patch", {name: "x" * length}), name)
        expect.equal(people.me(client), kept, "users/me/ after a refused call")
        longest = "x" * most
        expect.equal(
            _ok(client("me_patch", {name: longest})).get(name), longest, f"the longest {name!r}"
        )


def _takes_no_rights(claim: Claims, client: Client, people: People, account: Account) -> None:
    profile = people.profile
    before = people.me(client)
    writable = {field.name for field in profile.user.fields if not field.read_only}
    readable = {field.name for field in profile.user.fields if field.read_only}
    full = _full_body(before, profile)
    with claim("ME-008"):
        wish: dict[str, Any] = {profile.djoser.USER_ID_FIELD: id_of_nobody(profile)}
        for name in readable - {profile.djoser.USER_ID_FIELD}:
            wish[name] = people.ledger.address() if "@" in str(before.get(name)) else "changed"
        for operation, body in (("me_patch", wish), ("me_put", {**full, **wish})):
            expect.equal(
                _steady(client(operation, body), people),
                before,
                "the answer to a change of read-only fields",
            )
            expect.equal(people.me(client), before, "users/me/ after a change of read-only fields")
    with claim("ME-009"):
        sent = people.ledger.password()
        account.became(password=sent)
        secrets = {
            "password": sent,
            "new_password": sent,
            "re_password": sent,
            "re_new_password": sent,
        }
        for operation, body in (("me_patch", secrets), ("me_put", {**full, **secrets})):
            answer = client(operation, body)
            if sent in answer.text:
                expect.fail(f"{answer} shows the password that was sent")
        if not people.frugal and not people.can_log_in(account):  # one password: then none was set
            expect.fail("the password does not log in any more after it was sent to users/me/")
    with claim("ME-010"):
        rights = {"is_staff": True, "is_superuser": True, "is_admin": True}
        wish = {name: value for name, value in rights.items() if name not in writable}
        client("me_patch", {**wish, "is_active": False})
        expect.status(client("me"), 200)
        client("me_put", {**full, **wish, "is_active": False})
        expect.status(client("me"), 200)
        _sees_nobody_else(client, people)


def _sees_nobody_else(client: Client, people: People) -> None:
    other = people.id_of(people.shared("second"))
    if other is None or people.profile.permission("user") != ("CurrentUserOrAdmin",):
        return
    reply = client.raw("GET", f"users/{other}/")
    if reply.status == 200:
        expect.fail(f"{reply}: the account sees the data of others")


def _full_body(me: dict[str, Any], profile: Profile) -> dict[str, Any]:
    """What a PUT sends to leave everything as it is."""
    return {
        f.name: me[f.name]
        for f in profile.user.fields
        if not f.read_only and f.name in me and (f.type != "any" or f.required)
    }


def written(before: dict[str, Any], now: Any, text: Field, value: str) -> dict[str, Any]:
    """What users/me/ shows after this text was written; a read-only text may be made of it, as a full
    name is of a first name."""
    expected = {**before, text.name: value}
    for name, old in before.items():
        made = now.get(name) if isinstance(now, dict) and name != text.name else None
        was_made = isinstance(old, str) and str(before[text.name] or "") in old
        if isinstance(made, str) and value in made and was_made:
            expected[name] = made
    return expected


def _steady(reply: Any, people: People) -> Any:
    """The user in an answer with 200, without what may change by itself."""
    return people.profile.user.steady(_ok(reply))


def _ok(reply: Any) -> dict[str, Any]:
    expect.status(reply, 200)
    return expect.json_object(reply)


@requirement("ME-017", "ME-018", "ME-019")
def test_writing_the_address(claim: Claims, people: People, profile: Profile) -> None:
    """Where users/me/ lets the address be written: nonsense, somebody else's, and a new one."""
    account, other = people.active(), people.shared("second")
    client, name = people.client(account), profile.user.email_field
    before = people.me(client)
    with claim("ME-017"):
        nonsense: tuple[Any, ...] = ("nobody", "@example.com", [], {"a": "b"}, True)
        text = profile.user.free_text
        good = {} if text is None else {text.name: "refused with the rest"[: text.max_length]}
        for value in nonsense:
            expect.field_errors(client("me_patch", {**good, name: value}), name)
        expect.equal(people.me(client), before, "users/me/ after refused calls")
    if claim.wants("ME-018"):
        with claim("ME-018"):
            reply = client("me_patch", {name: other.email})
            if reply.status == 200:
                client("me_patch", {name: account.email})  # or mails would go to both
            expect.field_errors(reply, name)
            expect.equal(people.me(client), before, "users/me/ after a refused call")
    if claim.wants("ME-019"):
        with claim("ME-019"):
            new, old = people.ledger.address(), account.login
            account.became(login=new)
            expect.equal(
                _ok(client("me_patch", {name: new})).get(name), new, f"{name!r} in the answer"
            )
            account.login = account.email = new
            if not people.can_log_in(account):
                expect.fail("the new address does not log in")
            if not people.frugal and people.can_log_in(account, login=old):
                expect.fail("the old address still logs in")


@requirement("ME-036", "ME-037", "ME-038")
def test_a_new_address_is_activated_anew(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """An account gives itself another address, can do nothing, and follows the link sent there."""
    account, name = people.active(), profile.user.email_field
    client, new, old = people.client(account), people.ledger.address(), account.email
    refreshing = people.client(account, scheme="jwt") if claim.wants("ME-038") else client
    before, mark = people.me(client), people.mark()
    reply = client("me_patch", {name: new})
    account.active = False
    with claim("ME-036"):
        expect.equal(_ok(reply).get(name), new, f"{name!r} in the answer")
        one_mail(people.postbox, mark, to=new, what="a change of the address")
        no_mail(people.postbox, mark, to=old, what="a change of the address")
        if client.credentials and (client.credentials.scheme != "jwt" or _checks_activity(profile)):
            expect.status(client("me"), profile.anonymous_status)
    if refreshing.credentials and (refresh := refreshing.credentials.refresh):
        with claim("ME-038"):
            expect.detail(api("jwt_refresh", {"refresh": refresh}), 401)
    with claim("ME-037"):
        link = people.activation_link(account, mark=mark)
        sent = people.mark()
        expect.empty(api("activation", {"uid": link.uid, "token": link.token}))
        account.active = True
        if profile.djoser.SEND_CONFIRMATION_EMAIL:
            one_mail(people.postbox, sent, to=new, what="the activation of a new address")
        expect.equal(people.me(client), {**before, name: new}, "users/me/ after the activation")


def _checks_activity(profile: Profile) -> bool:
    """Whether access tokens of an account that is not active are refused."""
    return profile.simple_jwt.CHECK_USER_IS_ACTIVE
