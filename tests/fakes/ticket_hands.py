"""Tickets over HTTP in the hands of the people of the centre of the HTTP tests."""

from typing import Any

from tests.fakes.http_centre import Centre

BASE = "/api/v1/tickets"


async def opened(centre: Centre, unit: str = "hoi-an", who: str = "operator", **more: Any) -> dict[str, Any]:
    """A ticket of a new incident at a unit."""
    incident = more.pop("incident", None) or await centre.incident(**more)
    status, body = await centre.post(BASE, {"incident": incident, "unit": unit, "task": "bơm nước"}, who)
    assert status == 201, body
    found: dict[str, Any] = body
    return found


class TicketHands:
    """Who works on a ticket, in the version that they saw last."""

    def __init__(self, centre: Centre, ticket: dict[str, Any], who: str = "district") -> None:
        self._centre, self._who = centre, who
        self.ticket = ticket

    async def ask(self, step: str, who: str = "", **body: Any) -> tuple[int, dict[str, Any]]:
        path = f"{BASE}/{self.ticket['id']}/{step}"
        sent = {"expected_version": self.ticket["version"]} | body
        status, answer = await self._centre.post(path, sent, who or self._who)
        return status, answer

    async def take(self, step: str, who: str = "", **body: Any) -> dict[str, Any]:
        status, answer = await self.ask(step, who, **body)
        assert status == 200, answer
        self.ticket = answer
        return answer

    async def refused(self, step: str, code: str, who: str = "", **body: Any) -> dict[str, Any]:
        _, answer = await self.ask(step, who, **body)
        assert answer.get("code") == code, answer
        return answer
