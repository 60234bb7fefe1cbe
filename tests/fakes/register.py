"""A centre whose register is kept: two units with a centre each, and registrars of both."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ioc import data
from ioc.access.policy import Person
from ioc.catalogue import profiles
from ioc.gallery import Gallery
from ioc.registration.lawful import law_of
from tests.fakes.duty import account
from tests.fakes.http_centre import Centre, running_centre

DEVICES, CAMERAS = "/api/v1/devices", "/api/v1/cameras"
TAM_KY, HOI_AN, PARIS = [108.2, 15.6], [108.8, 15.88], [2.35, 48.85]
"""Places of the one centre, of the other, and of none."""

LAWFUL = {
    "conformity": "Giấy hợp quy 12/2026", "password_changed_on": "2026-11-20", "notice_posted_on": "2026-11-21",
    "purpose": "Trật tự giao thông", "retention": "sighting",
}  # fmt: skip

_PLACES = """
insert into areas (fid, code, name, kind, level, valid_from, valid_to, label, geom) values
  ('20410@2025-07-01', '20410', 'Hội An', 'ward', 2, '2025-07-01', null, st_setsrid(st_makepoint(108.8, 15.5), 4326),
   st_multi(st_setsrid(st_makeenvelope(108.6, 15, 109, 16), 4326)));
insert into centre_areas values ('hoi-an', '20410@2025-07-01');
"""


@asynccontextmanager
async def kept_register(
    url_of: Callable[[str], str], folder: Path, more: dict[str, Any] | None = None
) -> AsyncIterator[Centre]:
    """The running server with the shipped law and profiles. `keeper` and `ward` keep the register of hoi-an, `ward` in
    its unit alone, `clerk` that of quang-nam; admin that of all.
    """
    given = {"law": law_of(data.register()), "profiles": profiles(), "gallery": Gallery(folder / "media", make=False)}
    async with running_centre(url_of, folder, more=given | (more or {})) as centre:
        await centre.owner.execute(_PLACES)
        for login, home, areas in (
            ("keeper", "hoi-an", ()),
            ("clerk", "quang-nam", ()),
            ("ward", "hoi-an", ("20410@2025-07-01",)),
        ):
            person = {"login": login, "name": login.title(), "role": "registrar", "centre": home, "language": "vi"}
            await account(centre, Person(**person, areas=areas))
        yield centre


async def drafted(centre: Centre, path: str = DEVICES, /, who: str = "admin", **changed: Any) -> dict[str, Any]:
    """A draft that was entered over the API."""
    own: dict[str, Any] = {"profile": "river-gauge"} if path == DEVICES else {}
    asked = {"code": "new-one", "name": "Trạm mới", "position": TAM_KY, **own, **changed}
    status, body = await centre.post(path, asked, who)
    assert status == 201, body
    found: dict[str, Any] = body
    return found


async def stepped(centre: Centre, path: str, record: dict[str, Any], *steps: str) -> dict[str, Any]:
    """The record after some steps of its life cycle."""
    for step in steps:
        asked = {"expected_version": record["version"], "reason": "theo kế hoạch"}
        status, record = await centre.post(f"{path}/{record['code']}/{step}", asked)
        assert status == 200, record
    return record
