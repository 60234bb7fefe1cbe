"""The script that every tutorial shows: one client, one INSERT a message, autocommit. Run as a program.

`python -m bench.ingest_tutorial BOARD HOST PORT USER TOPIC`, the password and the database's address on standard
input; prints a line once it listens, ends when it is told to. paho acknowledges a message after the callback.
"""

import asyncio
import datetime as dt
import json
import sys
import time
from pathlib import Path
from typing import Any

import asyncpg
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from bench.ingest_board import Board

TABLE = """
create table if not exists {name} (id bigserial primary key, device text not null, at timestamptz not null,
  property text not null, value double precision not null)
"""
"""The table of the tutorial, and of the Node-RED flow under another name."""

_INSERT = "insert into tutorial (device, at, property, value) values ($1, $2, $3, $4)"


def consume(board: Board, host: str, port: int, user: str, password: str, topic: str, database: str) -> None:
    """Listen until killed."""
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(database))

    def on_message(_client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        reading = json.loads(message.payload)
        at = dt.datetime.fromisoformat(reading["at"])
        device = message.topic.split("/")[3]
        for name, value in reading["values"].items():
            loop.run_until_complete(connection.execute(_INSERT, device, at, name, value))
        board.put("last_done_ns", time.monotonic_ns())
        board.put("done", board.get("done") + 1)

    def on_subscribe(*_: Any) -> None:
        print("listening", flush=True)

    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="bench-tutorial")
    client.username_pw_set(user, password)
    client.on_connect = lambda *_: client.subscribe(topic, qos=1)
    client.on_subscribe = on_subscribe
    client.on_message = on_message
    client.connect(host, port)
    client.loop_forever()


if __name__ == "__main__":
    _board, _host, _port, _user, _topic = sys.argv[1:]
    _password, _database = (sys.stdin.readline().strip() for _ in range(2))
    consume(Board(Path(_board)), _host, int(_port), _user, _password, _topic, _database)
