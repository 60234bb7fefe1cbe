"""Streams are opened at the address that was judged, whatever their names say afterwards."""

import pytest

from ioc.outbound import OutboundError, Target
from ioc.pinned import AGAIN_S, HOLD_S, Pins, at


@pytest.mark.parametrize(
    ("url", "host", "pinned"),
    [
        ("rtsp://gate.local/a", "10.20.0.9", "rtsp://10.20.0.9/a"),
        ("rtsp://u:p%40w@gate.local:8554/a?x=1#y", "10.20.0.9", "rtsp://u:p%40w@10.20.0.9:8554/a?x=1#y"),
        ("rtsp://u:p@[fd00::9]:554/a", "fd00::8", "rtsp://u:p@[fd00::8]:554/a"),
        ("http://[fd00::9]/a", "10.20.0.9", "http://10.20.0.9/a"),
    ],
)
def test_only_the_host_changes(url: str, host: str, pinned: str) -> None:
    assert at(url, host) == pinned


class Names:
    """A resolver that answers what it is told, and counts."""

    def __init__(self) -> None:
        self.answer: str | OutboundError = "10.20.0.9"
        self.asked = 0

    async def pinned(self, host: str, port: int) -> Target:
        self.asked += 1
        if isinstance(self.answer, OutboundError):
            raise self.answer
        return Target(host=host, port=port, address=self.answer)


async def test_a_name_is_asked_for_once_in_a_while_and_judged_each_time() -> None:
    names, clock = Names(), [0.0]
    pins = Pins(names, lambda: clock[0])
    for _ in range(3):
        assert await pins.pinned("rtsp://u:p@gate.local/a") == "rtsp://u:p@10.20.0.9/a"
    assert names.asked == 1
    names.answer = "10.20.0.10"
    clock[0] = HOLD_S
    assert await pins.pinned("rtsp://gate.local/a") == "rtsp://10.20.0.10/a"
    names.answer = OutboundError("not_allowed", "gate.local may not be called")
    clock[0] = 2 * HOLD_S
    with pytest.raises(OutboundError, match="may not be called"):
        await pins.pinned("rtsp://gate.local/a")


async def test_a_name_that_is_not_known_for_a_while_keeps_its_address() -> None:
    names, clock = Names(), [0.0]
    pins = Pins(names, lambda: clock[0])
    names.answer = OutboundError("unresolved", "the name gate.local has no address")
    with pytest.raises(OutboundError, match="no address"):
        await pins.pinned("rtsp://gate.local/a")
    names.answer, clock[0] = "10.20.0.9", AGAIN_S
    assert await pins.pinned("rtsp://gate.local/a") == "rtsp://10.20.0.9/a"
    names.answer, clock[0] = OutboundError("unresolved", "no address"), AGAIN_S + HOLD_S
    assert await pins.pinned("rtsp://gate.local/a") == "rtsp://10.20.0.9/a"


@pytest.mark.parametrize("url", ["file:///srv/clips/a.mp4", "ftp://x/"])
async def test_files_and_what_is_no_address_are_left_as_they_are(url: str) -> None:
    names = Names()
    assert await Pins(names, lambda: 0.0).pinned(url) == url
    assert names.asked == 0
