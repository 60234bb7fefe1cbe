"""Names of assets, and the inbox: one file with a policy of its own, packed, and its worker."""

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ioc.api.guard import BUILT, DOORS, PAGES
from ioc.api.inlined import digests
from ioc.api.wall import _ASSET, _PAGES
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre

PAGE = b"<!doctype html><style>a{}</style><script>one()</script>" + b"<p>x</p>" * 100


@pytest.mark.parametrize("name", ["index-1a2b.js", "fonts/Noto Sans Regular/0-255.pbf", "a/b@2x.png"])
def test_names_that_builds_make_are_taken(name: str) -> None:
    assert _ASSET.match(name)


@pytest.mark.parametrize("name", ["../x", "a/../x", ".env", "a/.env", "/x", "a//b", "a\\b", "a\n", "a\0", ""])
def test_names_that_leave_the_folder_or_hide_are_not(name: str) -> None:
    assert not _ASSET.match(name)


def test_every_page_is_known_as_one() -> None:
    """A page that the guard does not know is blank when a browser loads it again, and a stranger sees JSON."""
    assert _PAGES.keys() == (PAGES - {"/api/docs"}) | DOORS


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        one.wall.mkdir()
        (one.wall / "inbox.html").write_bytes(PAGE)
        (one.wall / "inbox.html.gz").write_bytes(gzip.compress(PAGE))
        (one.wall / "index.html").write_bytes(PAGE)
        (one.wall / "inbox-worker.js").write_bytes(b"self")
        yield one


async def test_the_inbox_alone_runs_what_it_was_built_with_and_pages_for_phones_ask_where_it_is(centre: Centre) -> None:
    _, body, headers = await centre.get("/inbox")
    assert body == PAGE
    policy = headers["Content-Security-Policy"]
    for directive, found in digests(PAGE).items():
        assert f"{directive} 'self' {found[0]}" in policy
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    _, _, wall = await centre.get("/")
    assert "sha256" not in wall["Content-Security-Policy"]
    assert "geolocation=()" in wall["Permissions-Policy"]
    _, _, registry = await centre.get("/registry")
    assert "geolocation=(self)" in registry["Permissions-Policy"]
    assert registry["Content-Security-Policy"] == wall["Content-Security-Policy"]
    status, _, again = await centre.get("/inbox", **{"If-None-Match": headers["ETag"]})
    assert status == 304
    assert again["Content-Security-Policy"] == policy


@pytest.mark.parametrize("path", sorted(BUILT | {"/"}))
async def test_a_page_that_the_browser_has_kept_stays_a_page(centre: Centre, path: str) -> None:
    (centre.wall / f"{path[1:] or 'index'}.html").write_bytes(PAGE)
    _, body, headers = await centre.get(path)
    assert body == PAGE
    status, _, again = await centre.get(path, **{"If-None-Match": headers["ETag"]})
    assert status == 304
    assert "script-src 'self'" in again["Content-Security-Policy"]
    assert "sandbox" not in again["Content-Security-Policy"]
    status, _, away = await centre.get(path, None)
    assert (status, away["Location"].split("?")[0]) == (303, "/signin")


async def test_who_takes_it_packed_gets_it_packed(centre: Centre) -> None:
    headers = centre.bearer("district") | {"Accept-Encoding": "gzip"}
    async with centre.http.get(f"{centre.url}/inbox", headers=headers, auto_decompress=False) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.content_type == "text/html"
        assert "sha256" in answer.headers["Content-Security-Policy"]
        assert gzip.decompress(await answer.read()) == PAGE


async def test_the_worker_is_everybodys_asked_for_anew_and_may_fetch(centre: Centre) -> None:
    status, body, headers = await centre.get("/inbox-worker.js", None)
    assert (status, body, headers["Cache-Control"]) == (200, b"self", "no-cache")
    assert "connect-src 'self'" in headers["Content-Security-Policy"]
    assert "javascript" in headers["Content-Type"]


async def test_a_stranger_is_led_back_to_the_page_after_signing_in(centre: Centre) -> None:
    """Its address stands in the door's by name; the door's has no hash, so browsers keep that of the page."""
    for page in sorted(BUILT):
        status, _, headers = await centre.get(f"{page}?next=//evil.example", None)
        assert (status, headers["Location"]) == (303, f"/signin?page={page[1:]}")
    status, _, headers = await centre.get("/", None)
    assert (status, headers["Location"]) == (303, "/signin")


def test_the_door_knows_every_page_that_it_may_lead_back_to() -> None:
    source = (Path(__file__).parents[4] / "ioc/wall/src/wayback.ts").read_text("utf-8")
    listed = source.partition("const PAGES = [")[2].partition("]")[0]
    assert {f"/{name}" for name in re.findall(r'"(.+)"', listed)} == PAGES - {"/"}
