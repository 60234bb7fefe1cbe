"""Second factors in a real PostgreSQL."""

import uuid

from ioc.access import recovery, totp
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.store import factors, people
from ioc.store.database import Database
from tests.fakes.http_centre import now

LAN = Person(login="lan", name="Lan", role="operator", centre=None, language="vi")
KEY = b"k" * 20


async def test_a_factor_proves_only_once_it_is_confirmed_and_each_code_once(database: Database) -> None:
    at = now()
    step = totp.step_at(at.timestamp())
    code, again = totp.code_at(KEY, step), recovery.code(b"0123456789")
    async with database.transaction(EVERYTHING) as transaction:
        account = await people.create_account(transaction, uuid.uuid4(), LAN, "h", at)
        assert await factors.prove(transaction, account, code, at) == ""
        assert await factors.begin(transaction, account, b"other" * 4, at)
        assert await factors.begin(transaction, account, KEY, at)
        assert await factors.prove(transaction, account, code, at) == ""
        assert not (await people.by_login(transaction, "lan")).factor  # type: ignore[union-attr]
        await factors.confirm(transaction, account, at)
        assert not await factors.begin(transaction, account, b"other" * 4, at)
        await factors.put_codes(transaction, account, [recovery.digest_of(again)])
        assert (await people.by_login(transaction, "lan")).factor  # type: ignore[union-attr]
        assert await factors.prove(transaction, account, f"{code[:3]} {code[3:]}", at) == "app"
        assert await factors.prove(transaction, account, code, at) == ""
        assert await factors.prove(transaction, account, again, at) == "recovery"
        assert await factors.prove(transaction, account, again, at) == ""
        assert await factors.codes_left(transaction, account) == 0
        assert await factors.remove(transaction, account)
        assert not await factors.remove(transaction, account)


def test_a_factor_is_never_printed() -> None:
    assert "kkk" not in repr(factors.Factor(secret=KEY, confirmed_at=None, last_step=0))
