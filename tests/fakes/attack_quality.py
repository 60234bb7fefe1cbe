"""How the routes about the quality of alarms are attacked: their sums must count nothing of the other centre."""

from collections.abc import Callable, Iterator

import asyncpg

from tests.fakes.attack_things import Attack, Things

BASE = "/api/v1/alarm-quality"


async def counted(owner: asyncpg.Connection, centre: str, mark: str) -> None:
    """Figures of the last hour of a centre; their source's name is its mark."""
    hour = "date_trunc('hour', now() - interval '1 hour', 'UTC')"
    await owner.execute(f"insert into alarm_hours values ({hour}, '{{}}', now()) on conflict do nothing")
    await owner.execute(
        f"insert into alarm_quality values ({hour}, $1, '502@2024-09-01', '{{7,0,0,0,0,0}}', '{{1,0,0,0,0,0}}', "
        "'{7,0,0,0}', 0, 0, 0, 0, 0, 0)",
        centre,
    )
    await owner.execute(
        f"insert into alarm_sources values ({hour}, $1, '502@2024-09-01', 'sensor', $2, $2, 7, 0, 0)", centre, mark
    )


def quality(path: str, other: Things) -> Iterator[Attack]:
    """All of it, and of the area in which the other has things too."""
    for query in ("", "?area=502@2024-09-01", "?from=2026-01-01"):
        yield Attack("GET", path + query)


def export(path: str, other: Things) -> Iterator[Attack]:
    """Each table."""
    for table in ("days", "hours", "sources"):
        yield Attack("GET", f"{path}?table={table}")


RULES: dict[tuple[str, str], Callable[[str, Things], Iterator[Attack]]] = {
    ("get", BASE): quality,
    ("get", f"{BASE}/export"): export,
}
