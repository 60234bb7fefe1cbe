"""Administration of people; on the real server in tests/integration/test_people.py."""

import uuid

from ioc.access.policy import Person
from ioc.api.people import person_of
from ioc.store.people import Listed
from tests.fakes.http_centre import now


def test_an_account_is_shown_without_anything_that_opens_it() -> None:
    person = Person(login="lan", name="Lan", role="viewer", centre=None, language="vi")
    listed = Listed(
        id=uuid.uuid4(),
        person=person,
        created_at=now(),
        disabled_at=None,
        has_password=True,
        factor=True,
        invited_until=None,
        seen_at=None,
    )
    shown = person_of(listed)
    assert (shown.login, shown.role, shown.second_factor) == ("lan", "viewer", True)
    assert not {"id", "password_hash", "secret", "digest"} & set(shown.__struct_fields__)
