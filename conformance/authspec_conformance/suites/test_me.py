"""The current user: reading, writing, and what nobody may read or write."""

from typing import Any
from uuid import UUID

from authspec_conformance import expect
from authspec_conformance.accounts import Account
from authspec_conformance.bodies import fits
from authspec_conformance.claims import Claims, requirement
from authspec_conformance.client import Client
from authspec_conformance.context import Context
from authspec_conformance.exchange import Reply
from authspec_conformance.mail_expect import no_mail, one_mail
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
        expect.equal(client("me").text, reply.text, "the second reading of users/me/")
    with claim("ME-003"):
        for method in METHODS:
            expect.detail(api.raw(method, "users/me/"), profile.anonymous_status)
    with claim("ME-004"):
        scheme = (profile.challenge or "").partition(" ")[0]
        expect.header(
            api("me"),
            "WWW-Authenticate",
            lambda v: v.partition(" ")[0] == scheme,
            f"the scheme {scheme}",
        )
    with claim("ME-020"):
        post = client.raw("POST", "users/me/")
        expect.detail(post, 405)
        expect.header(post, "Allow", lambda v: {*METHODS} <= _methods(v), ", ".join(METHODS))
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


def _is_of_type(value: Any, field: Field) -> None:
    name = f"{field.name!r} in users/me/"
    if value is None:
        if not (field.allow_null or field.read_only):
            expect.fail(f"{name} is null, expected {field.type}")
        return
    types: dict[str, type | tuple[type, ...]] = {"integer": int, "boolean": bool}
    wanted = types.get(field.type, str)
    if not isinstance(value, wanted) or (field.type == "integer" and isinstance(value, bool)):
        expect.fail(f"{name} is {value!r}, expected {field.type}")
    if field.type == "uuid":
        try:
            UUID(value)
        except ValueError:
            expect.fail(f"{name} is {value!r}, expected a UUID")
    if field.type == "email" and value and "@" not in value:
        expect.fail(f"{name} is {value!r}, expected a mail address")


def _broken_credentials(profile: Profile) -> list[str]:
    words = []
    if "token" in profile.authentication:
        words += ["Token", "Token a b", "Token nonsense", "Token " + "0" * 40]
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
    "ME-026", "ME-027",
)  # fmt: skip
def test_writing_the_profile(claim: Claims, api: Client, people: People, profile: Profile) -> None:
    """An account writes its data, well and badly, while another one's stay as they are."""
    elder, account, other = people.settled(), people.settled(), people.shared("second")
    client, neighbour = people.client(account), people.client(other)
    before, others = client("me").json, neighbour("me").json
    around = people.others(account, elder)
    with expect.given("the account can read its data"):
        expect.status(client("me"), 200)
    mark = people.mark()
    with claim("ME-007"):
        expect.equal(_ok(client("me_patch", {})), before, "the answer to an empty PATCH")
        expect.equal(client("me").json, before, "users/me/ after an empty PATCH")
    text = next((f for f in profile.user.fields if f.type == "string" and not f.read_only), None)
    if text is not None:
        _writes_text(claim, client, people, before, text)
        with claim("ME-013"):
            no_mail(people.postbox, mark, to=account.email, what="a PATCH")
        with claim("ME-014"):
            expect.equal(neighbour("me").json, others, "the data of another account")
            people.unharmed(around)
            if not any(seen.account is elder for seen in around):
                expect.fail("the account that was made before this one cannot be read any more")
        with claim("ME-021"):
            kept = client("me").json
            for method in METHODS[1:]:
                api.raw(
                    method,
                    "users/me/",
                    data=f'{{"{text.name}": "stranger", "current_password": "{account.password}"}}'.encode(),
                    headers={"Content-Type": "application/json"},
                )
            expect.equal(client("me").json, kept, "users/me/ after calls without credentials")
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
        full = _full_body(client("me").json, profile)
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
            expect.equal(client("me").json, {**before, name: body[name]}, "users/me/ afterwards")
    with claim("ME-026"):
        for value in ("Zoë Łuczak ☃ 名字", "<b>&amp;'\"</b>", "O'Neill; DROP TABLE users"):
            value = value[: text.max_length].strip()  # DRF trims what it stores
            expect.equal(
                _ok(client("me_patch", {name: value})).get(name), value, f"{name!r} in the answer"
            )
            expect.equal(client("me").json[name], value, f"{name!r} in users/me/")
    kept = client("me").json
    with claim("ME-011"):
        wrong: list[Any] = [["a"], {"a": "b"}, True]
        if not text.allow_null:
            wrong.append(None)
        for item in wrong:
            expect.field_errors(client("me_patch", {name: item}), name)
        expect.equal(client("me").json, kept, "users/me/ after refused calls")
    _writes_what_fits(claim, client, profile)


def _writes_what_fits(claim: Claims, client: Client, profile: Profile) -> None:
    texts = [f for f in profile.user.fields if f.type == "string" and not f.read_only]
    name, most = next(((f.name, f.max_length) for f in texts if f.max_length), ("", 0))
    if not most:
        return
    kept = client("me").json
    with claim("ME-012"):
        for length in (most + 1, 5000 + most):
            if fits(profile, length):
                expect.field_errors(client("me_patch", {name: "x" * length}), name)
        expect.equal(client("me").json, kept, "users/me/ after a refused call")
        longest = "x" * most
        expect.equal(
            _ok(client("me_patch", {name: longest})).get(name), longest, f"the longest {name!r}"
        )


def _takes_no_rights(claim: Claims, client: Client, people: People, account: Account) -> None:
    profile = people.profile
    before = client("me").json
    writable = {field.name for field in profile.user.fields if not field.read_only}
    readable = {field.name for field in profile.user.fields if field.read_only}
    full = _full_body(before, profile)
    with claim("ME-008"):
        id_ = 987654321 if profile.user.id == "integer" else "12345678-1234-4123-8123-123456789012"
        wish: dict[str, Any] = {profile.djoser.USER_ID_FIELD: id_}
        for name in readable - {profile.djoser.USER_ID_FIELD}:
            wish[name] = people.ledger.address() if "@" in str(before.get(name)) else "changed"
        for operation, body in (("me_patch", wish), ("me_put", {**full, **wish})):
            expect.equal(
                _ok(client(operation, body)), before, "the answer to a change of read-only fields"
            )
            expect.equal(client("me").json, before, "users/me/ after a change of read-only fields")
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
        if not people.frugal:
            if people.can_log_in(account, sent):
                expect.fail("a password that was sent to users/me/ logs in")
            if not people.can_log_in(account):
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
    return {f.name: me[f.name] for f in profile.user.fields if not f.read_only and f.name in me}


def _ok(reply: Any) -> dict[str, Any]:
    expect.status(reply, 200)
    return expect.json_object(reply)


@requirement("ME-017", "ME-018", "ME-019")
def test_writing_the_address(claim: Claims, people: People, profile: Profile) -> None:
    """Where users/me/ lets the address be written: nonsense, somebody else's, and a new one."""
    account, other = people.active(), people.shared("second")
    client, name = people.client(account), profile.user.email_field
    before = client("me").json
    with claim("ME-017"):
        nonsense: tuple[Any, ...] = ("nobody", "@example.com", [], {"a": "b"}, True)
        text = next(
            (f for f in profile.user.fields if f.type == "string" and not f.read_only), None
        )
        good = {} if text is None else {text.name: "refused with the rest"[: text.max_length]}
        for value in nonsense:
            expect.field_errors(client("me_patch", {**good, name: value}), name)
        expect.equal(client("me").json, before, "users/me/ after refused calls")
    if claim.wants("ME-018"):
        with claim("ME-018"):
            reply = client("me_patch", {name: other.email})
            if reply.status == 200:
                client("me_patch", {name: account.email})  # or mails would go to both
            expect.field_errors(reply, name)
            expect.equal(client("me").json, before, "users/me/ after a refused call")
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


@requirement("ME-033", "ME-034", "ME-035")
def test_a_new_address_is_activated_anew(
    claim: Claims, api: Client, people: People, profile: Profile
) -> None:
    """An account gives itself another address, can do nothing, and follows the link sent there."""
    account, name = people.active(), profile.user.email_field
    client, new, old = people.client(account), people.ledger.address(), account.email
    refreshing = people.client(account, scheme="jwt") if claim.wants("ME-035") else client
    before, mark = client("me").json, people.mark()
    reply = client("me_patch", {name: new})
    account.active = False
    with claim("ME-033"):
        expect.equal(_ok(reply).get(name), new, f"{name!r} in the answer")
        one_mail(people.postbox, mark, to=new, what="a change of the address")
        no_mail(people.postbox, mark, to=old, what="a change of the address")
        if client.credentials and (client.credentials.scheme != "jwt" or _checks_activity(profile)):
            expect.status(client("me"), profile.anonymous_status)
    if refreshing.credentials and (refresh := refreshing.credentials.refresh):
        with claim("ME-035"):
            expect.detail(api("jwt_refresh", {"refresh": refresh}), 401)
    with claim("ME-034"):
        link = people.activation_link(account, mark=mark)
        sent = people.mark()
        expect.empty(api("activation", {"uid": link.uid, "token": link.token}))
        account.active = True
        if profile.djoser.SEND_CONFIRMATION_EMAIL:
            one_mail(people.postbox, sent, to=new, what="the activation of a new address")
        expect.equal(client("me").json, {**before, name: new}, "users/me/ after the activation")


def _rows(reply: Reply) -> list[dict[str, Any]]:
    """The users of a list, paginated or not."""
    expect.status(reply, 200)
    found = reply.json.get("results") if isinstance(reply.json, dict) else reply.json
    return found or []


def _checks_activity(profile: Profile) -> bool:
    """Whether access tokens of an account that is not active are refused."""
    return profile.simple_jwt.CHECK_USER_IS_ACTIVE


def _empty_patch(client: Client, path: str) -> Reply:
    return client.raw("PATCH", path, data=b"{}", headers={"Content-Type": "application/json"})


@requirement("ME-028", "ME-029", "ME-030", "ME-031", "ME-032", "ME-036", "ME-037")
def test_nobody_reaches_other_accounts(claim: Claims, people: People, profile: Profile) -> None:
    """An account asks for the list, and for another account by its id, with every method."""
    account, other = people.shared(), people.shared("second")
    client, neighbour = people.client(account), people.client(other)
    own, foreign = people.id_of(account), people.id_of(other)
    if foreign is None or own is None:
        for id_ in claim.ids:
            claim.skip(id_, "neither registration nor users/me/ shows the id")
        return
    with claim("ME-028"):
        logins = [row.get(profile.djoser.USER_ID_FIELD) for row in _rows(client("user_list"))]
        expect.equal(logins, [own], "the list of users, by id")
    with claim("ME-036"):
        if len(_rows(client("user_list"))) < 2:
            expect.fail("the list of users has less than two, and there are two at least")
    with claim("ME-037"):
        path, body = f"users/{foreign}/", neighbour("me").json
        _ok(client.raw("GET", path))
        _ok(_empty_patch(client, f"users/{own}/"))
        json_type = {"Content-Type": "application/json"}
        for method in ("PATCH", "PUT"):
            expect.status(client.raw(method, path, data=b"{}", headers=json_type), 403, 404)
        expect.equal(neighbour("me").json, body, "the data of the other account")
    with claim("ME-032"):
        for reply in (client.raw("GET", f"users/{own}/"), _empty_patch(client, f"users/{own}/")):
            expect.equal(_ok(reply).get(profile.djoser.USER_ID_FIELD, own), own, "the id in it")
    before = neighbour("me").json
    with claim("ME-029"):
        body = f'{{"current_password": "{account.password}", "name": "stranger"}}'.encode()
        for method in METHODS:
            reply = client.raw(
                method, f"users/{foreign}/", data=body if method != "GET" else None,
                headers={"Content-Type": "application/json"},
            )  # fmt: skip
            expect.status(reply, 403, 404)
            if method != "DELETE":  # which djoser/views.py permission_denied never hides
                with claim("ME-031"):
                    expect.status(reply, 404 if profile.djoser.HIDE_USERS else 403)
        expect.equal(neighbour("me").json, before, "the data of the other account")
    with claim("ME-030"):
        nobody = (
            987654321 if profile.user.id == "integer" else "12345678-1234-4123-8123-123456789012"
        )
        expect.indistinguishable(
            client.raw("GET", f"users/{foreign}/"), client.raw("GET", f"users/{nobody}/"),
            "another account and nobody",
        )  # fmt: skip
