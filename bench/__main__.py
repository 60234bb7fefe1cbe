"""`python -m bench NAME [--json FILE] [--long] [--clips DIR]`: runs one benchmark, or all of them without a name."""

import argparse
import asyncio
import importlib
import json
import sys
from pathlib import Path

NAMES = ("start", "access", "ingest", "cameras", "incidents", "tickets", "register", "map")


def main() -> int:
    """Run what is asked for, print its figures, and write them where told."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("name", nargs="?", choices=NAMES)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--long", action="store_true", help="also what takes longer than five minutes")
    parser.add_argument("--clips", type=Path, metavar="DIR", help="with cameras: the accuracy alone, on these clips")
    chosen = parser.parse_args()
    if chosen.clips and chosen.name != "cameras":
        parser.error("--clips goes with cameras")
    for name in [chosen.name] if chosen.name else NAMES:
        bench = importlib.import_module(f"bench.{name}")
        more = {"clips": chosen.clips} if chosen.clips else {}
        figures = asyncio.run(bench.run(long=chosen.long, **more))
        for key, value in figures.items():
            print(f"{name} {key} {value}{_goal(getattr(bench, 'GOALS', {}).get(key), value)}")
        if chosen.json:
            chosen.json.write_text(json.dumps({"name": name, "figures": figures}, indent=1))
    return 0


def _goal(goal: tuple[str, float] | None, value: float) -> str:
    """The goal of a figure in words, with its miss."""
    if goal is None:
        return ""
    way, limit = goal
    met = value >= limit if way == "at least" else value <= limit
    return f" (goal: {way} {limit:g}{'' if met else ', MISSED'})"


sys.exit(main())
