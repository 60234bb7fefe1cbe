"""Messages that have to be refused: each kind with what makes it unkeepable, and nothing else wrong with it."""

import datetime as dt

import msgspec


class Poison(msgspec.Struct, frozen=True):
    """Bytes for a topic; `topic` may differ from the device's own."""

    topic: str
    payload: bytes


def _object(at: str = "AT", run: str = "p", seq: object = "N", values: str = '{"rain_sum":1.5}', more: str = "") -> str:
    return f'{{"at":"{at}","run":"{run}","seq":{seq},"values":{values}{more}}}'


_TEXTS = {
    "nul": _object(run="a\\u0000b"),
    "lone_surrogate": _object(run="a\\ud800b"),
    "not_finite": _object(values='{"rain_sum":NaN}'),
    "infinite": _object(values='{"rain_sum":1e999}'),
    "date_1970": _object(at="1970-01-01T00:00:00Z"),
    "date_2100": _object(at="2100-01-01T00:00:00Z"),
    "date_end_of_calendar": _object(at="9999-12-31T23:59:59-23:59"),
    "no_zone": _object(at="2026-11-22T01:00:00"),
    "february_30": _object(at="2026-02-30T01:00:00Z"),
    "unknown_property": _object(values='{"colour":1}'),
    "no_values": _object(values="{}"),
    "text_value": _object(values='{"rain_sum":"1.5"}'),
    "seq_too_large": _object(seq="9N999999999999999999"),
    "seq_negative": _object(seq="-N"),
    "seq_fraction": _object(seq="N.5"),
    "status_unknown": _object(more=',"status":"77"'),
    "long_run": _object(run="r" * 65),
    "too_deep": "[" * 20_000 + "N",
    "empty_list": "[ ]N",
    "cut_short": _object()[:-3],
}

_BYTES = {
    "not_json": b"water is high N",
    "not_utf8": _object(run="\x00").encode().replace(b"\x00", b"\xff\xfe"),
    "empty_but_for_space": b"   ",
    "compressed": b"\x1f\x8b\x08\x00N",
    "too_big": b'{"values":"' + b"x" * 300_000 + b'","n": N}',
    **{name: text.encode() for name, text in _TEXTS.items()},
}

_TOPICS = {
    "unknown_device": "ioc/v1/CENTRE/no-such-device/readings",
    "wrong_centre": "ioc/v1/no-such-centre/DEVICE/readings",
    "unknown_channel": "ioc/v1/CENTRE/DEVICE/reedings",
    "too_short_topic": "ioc/v1/CENTRE",
    "code_with_capitals": "ioc/v1/CENTRE/Rain-1/readings",
}

KINDS = (*_BYTES, *_TOPICS)


def poison(kind: str, number: int, centre: str, device: str, at: dt.datetime) -> Poison:
    """A message of a kind; `number` makes its bytes its own."""
    topic = _TOPICS.get(kind, "ioc/v1/CENTRE/DEVICE/readings")
    payload = _BYTES.get(kind, _object().encode())
    if kind == "empty_but_for_space":
        payload = b" " * (number % 4000 + 1)
    payload = payload.replace(b'"AT"', f'"{at.isoformat()}"'.encode())
    return Poison(
        topic=topic.replace("CENTRE", centre).replace("DEVICE", device),
        payload=_numbered(payload, number),
    )


def _numbered(payload: bytes, number: int) -> bytes:
    """The payload with its number; those of the default codec carry it as their sequence."""
    for place in (b'"seq":N', b'"seq":-N', b'"seq":9N', b" N", b"]N", b"[N", b"\x00N"):
        if place in payload:
            return payload.replace(place, place[:-1] + str(number).encode())
    return payload
