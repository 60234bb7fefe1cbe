"""The two registers are asked for alike."""

from aiohttp import web

from ioc.api import listing_register
from ioc.api.surface import SURFACE, May
from ioc.registration.lifecycle import STEPS


def test_devices_and_cameras_have_the_same_routes_and_only_registrars_change_them() -> None:
    app = web.Application()
    listing_register.routes(app)
    operations = list(app[SURFACE])
    by = {
        subject: {(one.method, one.path.removeprefix(base)) for one in operations if one.path.startswith(base)}
        for subject, base in listing_register.BASES.items()
    }
    assert by["camera"] - by["device"] == {("PUT", "/{code}/calibration")}
    assert by["device"] <= by["camera"]
    assert {("POST", f"/{{code}}/{step}") for step in STEPS} <= by["device"]
    for one in operations:
        subject = "device" if one.path.startswith("/api/v1/devices") else "camera"
        assert one.may == May("see" if one.method == "GET" else "register", subject)
