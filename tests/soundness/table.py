"""The table of a soundness run, for the terminal and as a dated page of Markdown."""

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from statistics import median

from .deployments import Deployment
from .runs import Row


def line(row: Row) -> str:
    """One run in one line."""
    if row.skipped:
        return f"skipped  {row.deployment}: {row.message}"
    word = "sound" if row.sound else "UNSOUND"
    code = "did not run" if row.exit is None else f"exit {row.exit}"
    return (
        f"{word:8} {row.deployment} seed {row.seed} ({row.hasher} hasher, {row.mode}): {code}, "
        f"{row.seconds:.0f} s, {row.hashes} password computations, {row.message.splitlines()[0] if row.message else ''}"
    )


def complaints(row: Row) -> list[str]:
    """Why a row is not sound, a line for each reason."""
    if row.sound:
        return []
    reasons: dict[str, list[str]] = {}
    for text in row.failed:
        id_, _, reason = text.partition(" ")
        reasons.setdefault(reason, []).append(id_)
    told = [f"{_several(ids)} {reason}" for reason, ids in reasons.items()]
    left = [f"{row.left} accounts are left"] if row.left else []
    rest = row.message.splitlines()[1:] if row.exit is None else []
    return [f"    {text}" for text in (*told, *left, *rest)]


def _several(ids: Sequence[str]) -> str:
    return ", ".join(ids[:6]) + (f" and {len(ids) - 6} more" if len(ids) > 6 else "")


def summary(rows: Sequence[Row]) -> str:
    """How many are sound, and who is not."""
    ran = [row for row in rows if not row.skipped]
    unsound = [row for row in ran if not row.sound]
    names = {row.deployment for row in ran}
    lines = [f"{len(ran) - len(unsound)} of {len(ran)} runs sound, on {len(names)} deployments."]
    lines += [f"  {line(row)}" for row in unsound]
    lines += [f"  {line(row)}" for row in rows if row.skipped]
    return "\n".join(lines)


def page(deployments: Sequence[Deployment], rows: Sequence[Row]) -> str:
    """The table as Markdown: a line for each deployment, hasher and mode."""
    ran = [row for row in rows if not row.skipped]
    by_kind: dict[tuple[str, str, str], list[Row]] = {}
    for row in ran:
        by_kind.setdefault((row.deployment, row.hasher, row.mode), []).append(row)
    sound = sum(row.sound for row in ran)
    lines = [
        "# Soundness",
        "",
        f"Generated on {datetime.now(UTC).date()} by `python -m tests.soundness --write`, Python "
        f"{platform.python_version()}: {sound} of {len(ran)} runs against {len({r.deployment for r in ran})} "
        "correct deployments were as they should be: the right exit code (0 where nothing else is named), no "
        "`must` failed, and no account left where it can be deleted.",
        "",
        "| deployment | what is special | hasher | mode | seeds | exit | `must` failed | seconds | hashes |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    known = {d.name: d for d in deployments}
    for (name, hasher, mode), group in sorted(by_kind.items()):
        group.sort(key=lambda row: row.seed)
        failed = sorted({text.partition(" ")[0] for row in group for text in row.failed})
        codes = sorted({"–" if row.exit is None else str(row.exit) for row in group})
        cells = [
            name,
            special(known[name]) if name in known else "",
            hasher,
            mode,
            ", ".join(str(row.seed) for row in group),
            ", ".join(codes),
            ", ".join(failed) or "none",
            f"{median(row.seconds for row in group):.0f}",
            f"{median(row.hashes for row in group):.0f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def special(deployment: Deployment) -> str:
    """What sets a deployment apart, in a few words."""
    words = [f"profile {deployment.profile.removesuffix('.yaml')}"]
    words += [f"{key} {_short(value)}" for key, value in deployment.change.items()]
    words += [f"unsaid: {key} {_short(value)}" for key, value in deployment.hidden.items()]
    words += [f"{key} = {value}" for key, value in deployment.django.items()]
    if deployment.mail != "file":
        words.append(f"mail by {deployment.mail}")
    if deployment.mailbox is not None:
        words.append(f"--mailbox {deployment.mailbox}")
    if deployment.given:
        words.append(f"{deployment.given} given accounts")
    if deployment.front is not None:
        words.append("behind a proxy")
    if deployment.tls:
        words.append("HTTPS by a private CA")
    if deployment.database != "sqlite":
        words.append("PostgreSQL")
    if deployment.pins:
        words.append(deployment.pins.removesuffix(".txt"))
    if deployment.exit:
        words.append(f"exit {deployment.exit} is right")
    return "; ".join(words).replace("|", "\\|")


def _short(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_short(item)}" for key, item in value.items())
    text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
