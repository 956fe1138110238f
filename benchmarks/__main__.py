"""`make bench`: run every module of this folder that has a `run`, and print what they measured as one table.

`python -m benchmarks ocpp` runs only the named ones. Figures depend on the machine: nothing here passes or fails.
"""

import importlib
import os
import pkgutil
import platform
import sys
from pathlib import Path

from benchmarks.table import Row, printed


def main(wanted: list[str]) -> None:
    """Run the benches one after another, so that they do not disturb each other."""
    names = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    rows: list[Row] = []
    for name in sorted(names):
        if name.startswith("_") or (wanted and name not in wanted):
            continue
        run = getattr(importlib.import_module(f"benchmarks.{name}"), "run", None)
        if run is not None:
            print(f"{name} …", file=sys.stderr, flush=True)
            rows.extend(run())
    print(f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}")
    print(f"\n{printed(rows)}")


if __name__ == "__main__":
    main(sys.argv[1:])
