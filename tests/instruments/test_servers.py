"""The servers of a fault test come back on the same port with what they had, however they were ended."""

from pathlib import Path

import asyncpg

from sensors.broker import Login, Subscription
from sensors.broker_paho import PahoBroker
from tests.instruments.servers import OwnBroker, OwnPostgres
from tests.instruments.waiting import until


async def test_postgresql_comes_back_after_every_end_with_what_was_committed(short_folder: Path) -> None:
    postgres = OwnPostgres(short_folder)
    await postgres.make()
    try:
        held = await asyncpg.connect(postgres.url("postgres"))
        await held.execute("create table kept (n int); insert into kept values (1)")
        postgres.kill()  # its backends still hold the shared memory for a moment
        await postgres.start()
        held.terminate()
        await postgres.stop()
        assert postgres.process.code == 0
        await postgres.start()
        connection = await asyncpg.connect(postgres.url("postgres"))
        assert await connection.fetchval("select n from kept") == 1
        assert await connection.fetchval("show synchronous_commit") == "on"
        assert await connection.fetchval("show wal_compression") != "off"
        await connection.close()
    finally:
        postgres.kill()


async def test_the_broker_comes_back_on_its_port_with_its_users(own_broker: OwnBroker) -> None:
    own_broker.kill()
    await own_broker.start()
    key = own_broker.keys["ioc-intake"]
    login = Login(host="127.0.0.1", port=own_broker.port, user="ioc-intake", password=key, client_id="x")
    async with PahoBroker.open(login, Subscription(topics=("ioc/v1/#",))) as paho:
        await until(lambda: paho.listening, 10, "a subscription")
