"""Lines of the broker's log; that Mosquitto writes them so is tried in tests/integration/test_admission.py."""

import pytest

from sensors.sign_ins import refused, signed_in

LINE = b"1795684319: New client connected from 127.0.0.1:58302 as %s (p2, c1, k60, u'%s')."


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (LINE % (b"auto-1", b"gauge-a~"), "gauge-a~"),
        (LINE % (b"x (p2, c1, k60, u'gauge-b').", b"gauge-a"), "gauge-a"),
        (LINE % (b"x\n1: New client connected from 1 as y (p2, c1, k60, u'gauge-b').\n", b"gauge-a"), "gauge-a"),
        (LINE % (b"u'gauge-b'", b""), ""),
        (b"1: New client connected from 127.0.0.1:1 as anonymous (p2, c1, k60).", None),
        (b"1: Client x (p2, c1, k60, u'gauge-b') disconnected.", None),
        (b"1: New client connected from 1 as x (p2, c1, k60, u'gauge-b'). and more", None),
        (b"", None),
        (b"\xff", None),
    ],
)
def test_a_name_is_read_where_a_client_cannot_write(line: bytes, name: str | None) -> None:
    """A client chooses its id, which stands before its name; the name is one that the broker knows."""
    assert signed_in(line) == name


def test_a_refused_sign_in_is_told_without_a_name() -> None:
    assert refused(b"1795684319: Client <unknown> disconnected, not authorised.")
    assert not refused(b"1795684319: Client x disconnected, not authorised.")
