"""The register from spreadsheets: 500 devices and 10,000, from a file's bytes to rows with history and audit trail.

Devices lie all over the province. The dry run and the applying are those of the API, without HTTP; the file is CSV for
the small one and XLSX for the large one. `rows_10000_s` is both together for 10,000 new devices; the same file again is
all the same, and a file with one field changed is written as 10,000 changes. Cameras are new, too.
"""

import asyncio
import datetime as dt
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bench.centre import state_dir
from ioc import data
from ioc.access.scope import EVERYTHING
from ioc.demo.seed import seed_places
from ioc.embedded import Stack
from ioc.importing import Importing, Sender, count
from ioc.registration import lawful, sheet_csv, sheet_xlsx
from ioc.registration.record import Subject
from ioc.store.database import Database
from ioc.store.migrate import migrate

GOALS = {"rows_500_s": ("at most", 10.0), "rows_10000_s": ("at most", 60.0), "cameras_10000_s": ("at most", 60.0)}
SENDER = Sender("registrar", "10.0.0.1", EVERYTHING)


@asynccontextmanager
async def _site() -> AsyncIterator[Database]:
    async with AsyncExitStack() as exits:
        state = await exits.enter_async_context(state_dir())
        stack = await exits.enter_async_context(Stack(state, report=lambda step: None))
        await migrate(stack.database_url("ioc_owner"))
        database = await exits.enter_async_context(Database.open(stack.database_url("ioc_app")))
        await seed_places(database)
        yield database


def _sheet(subject: Subject, rows: int, model: str) -> tuple[list[str], list[list[str]]]:
    """Devices or cameras in the hills and at the coast, within the province."""
    chance = random.Random(9)
    own = ["Hướng nhìn", "Góc nhìn", "Độ cao"] if subject == "camera" else ["Mẫu cấu hình"]
    headings = ["STT", "Mã", "Tên", "Kinh độ", "Vĩ độ", "Số sê-ri", "Hãng", "Model", "Hạn bảo hành", "Nhãn", *own]
    values = ["90", "70", "6"] if subject == "camera" else ["rain-gauge"]
    lines = []
    for number in range(rows):
        place = [f"{chance.uniform(107.9, 108.3):.6f}", f"{chance.uniform(15.3, 15.8):.6f}"]
        about = [f"{number:09d}", "Hãng A", model, "31/12/2028", "hạ du, 2026", *values]
        lines.append([str(number + 1), f"{subject}-{rows}-{number}", f"Trạm số {number}", *place, *about])
    return headings, lines


async def _taken(importing: Importing, subject: Subject, content: bytes, outcome: str) -> tuple[float, float]:
    """Seconds of the dry run and of the applying. ValueError when a row becomes anything else."""
    now = dt.datetime.now(dt.UTC)

    async def note(*told: object) -> None:
        return None

    began = time.perf_counter()
    about = await importing.dry_run(SENDER, subject, content, now, now.date())
    checked = time.perf_counter()
    if (counts := count(about.rows))[outcome] != len(about.rows):
        raise ValueError(f"not all rows are {outcome}: {counts}; {about.rows[0].cells}")
    await importing.apply(SENDER, about.id, now, now.date(), accept=False, note=note)
    return checked - began, time.perf_counter() - checked


async def _stalls(worst: list[float]) -> None:
    """The longest that other work had to wait for its turn, in seconds."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.005)
        worst.append(time.perf_counter() - began - 0.005)


async def run(*, long: bool = False) -> dict[str, float]:
    """The seconds of each."""
    figures: dict[str, float] = {}
    worst: list[float] = []
    async with _site() as database, asyncio.TaskGroup() as tasks:
        watch = tasks.create_task(_stalls(worst), name="stalls")
        importing = Importing(database, lawful.law_of(data.register()), sorted(data.profiles()))
        headings, lines = _sheet("device", 500, "RG-1")
        dry, applied = await _taken(importing, "device", sheet_csv.written([headings, *lines]), "new")
        figures["rows_500_s"] = round(dry + applied, 2)
        headings, lines = _sheet("device", 10_000, "RG-1")
        content = await asyncio.to_thread(sheet_xlsx.written, headings, lines, name="devices")
        dry, applied = await _taken(importing, "device", content, "new")
        figures |= {"dry_run_10000_s": round(dry, 2), "apply_10000_s": round(applied, 2)}
        figures["rows_10000_s"] = round(dry + applied, 2)
        figures["same_10000_s"] = round(sum(await _taken(importing, "device", content, "same")), 2)
        headings, lines = _sheet("device", 10_000, "RG-2")
        content = sheet_csv.written([headings, *lines])
        figures["changed_10000_s"] = round(sum(await _taken(importing, "device", content, "changed")), 2)
        headings, lines = _sheet("camera", 10_000, "C-1")
        content = sheet_csv.written([headings, *lines])
        watch.cancel()
        figures |= {"stalled_s": round(max(worst), 2), "stalled_p99_s": round(sorted(worst)[len(worst) * 99 // 100], 3)}
        figures["cameras_10000_s"] = round(sum(await _taken(importing, "camera", content, "new")), 2)
    return figures
