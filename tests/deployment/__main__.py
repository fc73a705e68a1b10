"""Runs a real Djoser by hand: `python -m tests.deployment --profile document --port 8001`."""

import argparse
import signal
import sys
from pathlib import Path

from authspec_contract.errors import AuthspecError

from .environment import EnvironmentMissingError
from .faults import FAULTS
from .server import DeploymentError, RealDjoser


def main() -> int:
    arguments = _parser().parse_args()
    if arguments.list:
        for fault in FAULTS.values():
            print(f"{fault.name:40} {fault.text}  [{', '.join(fault.profiles)}]")
        return 0
    try:
        real = RealDjoser(
            arguments.profile,
            hasher=arguments.hasher,
            mail=arguments.mail,
            mail_dir=arguments.mail_dir,
            faults=arguments.fault,
            workers=arguments.workers,
            threads=arguments.threads,
            port=arguments.port,
            database=arguments.database,
        )
        real.start()
    except (AuthspecError, DeploymentError, EnvironmentMissingError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        print(f"{real.url}  mails in {real.mail_dir}", flush=True)
        signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        real.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.deployment", description=__doc__)
    parser.add_argument("--profile", default="document", help="a shipped name or a profile file")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--mail", default="file", help="file, or smtp://HOST:PORT")
    parser.add_argument("--mail-dir", type=Path, help="where the mails go; default: a new folder")
    parser.add_argument("--fault", action="append", default=[], help="see --list; may be repeated")
    parser.add_argument("--hasher", choices=("fast", "default"), default="fast")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--database", default="sqlite", help="sqlite, or postgresql://…")
    parser.add_argument("--list", action="store_true", help="the faults, and nothing else")
    return parser


if __name__ == "__main__":
    sys.exit(main())
