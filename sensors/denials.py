"""Which publishes the broker refused, as its log tells: Mosquitto 2.0 (`log_type debug`, src/handle_publish.c).

A refusal is a line among those of every message that is taken, so a log is looked through for `MARK` before anything
else is done with it. Client id and topic are the words of whoever was refused: they are data here and nothing else.
"""

import re

import msgspec

MARK = b": Denied PUBLISH from "
"""What stands in each line about a refusal. It may stand in others: `denied` decides."""

LONGEST = 200
"""Characters of a client id or topic that are kept; Mosquitto itself cuts a line after about 1,000 bytes."""

_LINE = re.compile(rb"[0-9TZ:.+-]{1,40}: Denied PUBLISH from (.*)\Z", re.DOTALL)
_PACKET = re.compile(rb" \(d[01], q[0-2], r[01], m[0-9]{1,5}, '")
_END = re.compile(rb"', \.\.\. \([0-9]{1,10} bytes\)\)\Z")


class Denied(msgspec.Struct, frozen=True):
    """Who was refused what: a client id and a topic. Each is cut after `LONGEST` characters, and what cannot be printed
    in it is U+FFFD."""

    client: str
    topic: str


def denied(line: bytes) -> Denied | None:
    """The refusal that a line (without its end) tells of; None for any other line.

    Whatever the client id and the topic hold, a refusal is found; where the id is that of a device's port, which is a
    code, both are exact. An id that holds ` (d0, q0, r0, m1, '` itself ends there. A topic that the broker cut is cut.
    """
    found = _LINE.match(line)
    if found is None:
        return None
    packet = _PACKET.search(found[1])
    if packet is None:
        return Denied(_text(found[1]), "")
    topic = found[1][packet.end() :]
    end = _END.search(topic)
    return Denied(_text(found[1][: packet.start()]), _text(topic if end is None else topic[: end.start()]))


def _text(words: bytes) -> str:
    text = "".join(one if one.isprintable() else "\ufffd" for one in words.decode("utf-8", "replace"))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
