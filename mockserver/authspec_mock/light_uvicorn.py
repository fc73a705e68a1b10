"""Imports uvicorn's server without its command line, which costs a seventh of the mock's start.

`uvicorn/__init__.py` imports `uvicorn.main`, and that click, multiprocessing and the reloader
(0.38 to 0.54). The package put in its place has the same submodules, and becomes the whole one
as soon as somebody asks it for more.
"""

import sys
from importlib.util import find_spec, module_from_spec
from typing import Any


def prepare() -> None:
    """Puts the package in place, unless uvicorn has been imported by somebody else."""
    if "uvicorn" in sys.modules:
        return
    spec = find_spec("uvicorn")
    if spec is None or spec.loader is None:
        return  # the import that follows says what is missing
    loader, package = spec.loader, module_from_spec(spec)

    def whole(name: str) -> Any:
        vars(package).pop("__getattr__", None)
        loader.exec_module(package)
        return getattr(package, name)

    vars(package)["__getattr__"] = whole
    sys.modules["uvicorn"] = package


def name(*parts: type) -> None:
    """Gives the package these of its own names: uvicorn/lifespan/off.py asks it for `Config`."""
    for part in parts:
        vars(sys.modules["uvicorn"]).setdefault(part.__name__, part)
