"""Where a registered camera's stream is. Its account goes in and never comes out: it is sealed before it is kept."""

import logging
from urllib.parse import quote, urlsplit

import msgspec
from aiohttp import web

from cameras.camera import PORTS, Address
from ioc.api import deeds
from ioc.api.caller import CALLER
from ioc.api.media import code_of
from ioc.api.models_probe import PutAddress
from ioc.api.parts import PARTS, Parts
from ioc.api.probe import registers
from ioc.api.problems import ProblemError
from ioc.api.surface import BODY, May, Operation, describe
from ioc.outbound import OutboundError
from ioc.store import addresses
from ioc.store.database import Transaction
from ioc.vault import Vault, VaultError

LOG = logging.getLogger("ioc.api")

PATH = "/api/v1/cameras/{code}/address"


def address_of(asked: PutAddress) -> Address | None:
    """The address that is asked for, None for none. Problem for one that is none, and for a file of ours."""
    if not asked.url.strip():
        return None
    try:
        parts = urlsplit(asked.url.strip())
        account = parts.netloc.rpartition("@")[0]
        if asked.user or asked.password:
            account = f"{quote(asked.user, safe='')}:{quote(asked.password, safe='')}"
        place = parts.netloc.rpartition("@")[2]
        address = Address(parts._replace(netloc=f"{account}@{place}" if account else place).geturl())
    except ValueError:
        raise ProblemError("address-wrong") from None
    if address.scheme not in PORTS:
        raise ProblemError("address-wrong")
    return address


async def _judged(parts: Parts, address: Address) -> None:
    """Problem for an address that may not be called, now and later: streams are opened where it leads then."""
    if parts.prober is None:
        raise ProblemError("probe-busy", headers={"Retry-After": "5"})
    try:
        await parts.prober.judge(address.host, address.port)
    except OutboundError as error:
        code = {"not_allowed": "address-not-allowed", "unresolved": "address-unknown"}.get(error.code, "address-wrong")
        raise ProblemError(code, host=address.host) from None


async def _held(transaction: Transaction, code: str) -> tuple[str, str]:
    """Centre and area of a camera that the person may change. Problem 404 for another."""
    place = await addresses.camera_held(transaction, code)
    if place is None:
        raise ProblemError("not-found")
    return place


async def put(request: web.Request) -> web.Response:
    """`PUT /api/v1/cameras/{code}/address`."""
    registers(request)
    parts, code, asked = request.app[PARTS], code_of(request), request[BODY]
    async with parts.database.transaction(request[CALLER].scope) as transaction:
        await _held(transaction, code)
    address = address_of(asked)
    if address is not None:
        await _judged(parts, address)
    async with parts.database.transaction(request[CALLER].scope) as transaction:
        place = await _held(transaction, code)
        before = (await addresses.places(transaction, [code])).get(code)
        try:
            await _keep(parts.vault, transaction, code, address)
        except VaultError as error:
            LOG.error("the address of %s cannot be sealed: %s", code, error)
            raise ProblemError("vault-closed") from None
        await deeds.note(
            request, transaction, "camera.address", "camera", code,
            before=None if before is None else msgspec.to_builtins(before),
            after=None if address is None else msgspec.to_builtins(addresses.place_of(address)),
            centre=place[0], area=place[1],
        )  # fmt: skip
    return web.Response(status=204)


async def _keep(vault: Vault | None, transaction: Transaction, code: str, address: Address | None) -> None:
    if address is None:
        await addresses.drop_address(transaction, code)
        return
    if vault is None:
        raise VaultError("this process has no file of keys")
    await addresses.put_address(transaction, code, address, vault)


def routes(app: web.Application) -> None:
    """Add it to an application."""
    app.router.add_put(PATH, put)
    describe(
        app,
        Operation(
            method="PUT", path=PATH, vi="Đặt địa chỉ luồng hình của camera", en="Set where a camera's stream is",
            may=May("register", "camera"), body=PutAddress, answers={204: None}, secret=True,
            problems=(
                "not-allowed", "address-wrong", "address-not-allowed", "address-unknown", "vault-closed", "probe-busy",
            ),
        ),
    )  # fmt: skip
