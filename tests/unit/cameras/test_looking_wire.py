"""What is said between who serves and the process that looks."""

import msgspec

from cameras.looking_wire import Look, Order


def test_orders_and_answers_travel_as_json_on_one_line() -> None:
    order = Order(url="rtsp://u:p@10.20.0.7/a\n", within_s=3.0)
    line = msgspec.json.encode(order)
    assert b"\n" not in line
    assert msgspec.json.decode(line, type=Order) == order
    look = Look(codec="h264", width=320, height=240, fps=9.9, picture=b"\xff\xd8")
    assert msgspec.json.decode(msgspec.json.encode(look), type=Look) == look
