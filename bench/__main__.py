"""`python -m bench NAME [--json FILE] [--long]`: runs one benchmark, or all of them without a name."""

import argparse
import asyncio
import importlib
import json
import sys
from pathlib import Path

NAMES = ("start", "access")


def main() -> int:
    """Run what is asked for, print its figures, and write them where told."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("name", nargs="?", choices=NAMES)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--long", action="store_true", help="also what takes longer than five minutes")
    chosen = parser.parse_args()
    for name in [chosen.name] if chosen.name else NAMES:
        figures = asyncio.run(importlib.import_module(f"bench.{name}").run(long=chosen.long))
        for key, value in figures.items():
            print(f"{name} {key} {value}")
        if chosen.json:
            chosen.json.write_text(json.dumps({"name": name, "figures": figures}, indent=1))
    return 0


sys.exit(main())
