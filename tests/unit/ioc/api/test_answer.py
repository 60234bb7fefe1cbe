"""What every room of the API answers with."""

from types import SimpleNamespace

import msgspec
import pytest
from aiohttp.test_utils import make_mocked_request

from ioc.access.rights import ROLES, allows
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.problems import ProblemError


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_what_the_one_table_of_rights_says(role: str) -> None:
    request = make_mocked_request("POST", "/")
    request[CALLER] = SimpleNamespace(person=SimpleNamespace(role=role))  # type: ignore[assignment]
    for act in ("see", "step", "manage"):
        if allows(role, act, "ticket"):
            needs(request, act, "ticket")
            continue
        with pytest.raises(ProblemError) as refused:
            needs(request, act, "ticket")
        assert refused.value.code == "not-allowed"


def test_a_model_is_json_with_the_status_that_is_asked_for() -> None:
    answer = said({"a": [1]}, 201)
    assert (answer.status, answer.content_type) == (201, "application/json")
    assert msgspec.json.decode(answer.body) == {"a": [1]}  # type: ignore[arg-type]
