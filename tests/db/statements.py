"""`python -m tests.db.statements PACKAGE`: the text of every statement in the modules of a service, as one JSON object.

In a process of its own, since no process ever imports two services.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys

from db.engine import Statement


def main(package: str) -> None:
    """Print `{"module.NAME": "SELECT …"}`."""
    root = importlib.import_module(package)
    names = [module.name for module in pkgutil.walk_packages(root.__path__, f"{package}.")]
    found = {
        f"{name}.{variable}": value.sql
        for name in names
        if not name.endswith("__main__")
        for variable, value in vars(importlib.import_module(name)).items()
        if isinstance(value, Statement)
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
