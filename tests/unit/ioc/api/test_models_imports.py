"""What the routes of files take and give, as JSON."""

import uuid

import msgspec
import pytest

from ioc.api.models_imports import AppliedImport, ApplyImport, ImportCounts
from ioc.importing import count


def test_offers_are_taken_only_where_that_is_said() -> None:
    assert msgspec.json.decode(b"{}", type=ApplyImport) == ApplyImport(accept_offers=False)
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.json.decode(b'{"accept": true}', type=ApplyImport)


def test_counts_are_of_all_outcomes() -> None:
    counts = ImportCounts(**count([]))
    made = AppliedImport(id=uuid.UUID(int=1), counts=counts, rows=[])
    assert msgspec.to_builtins(made)["counts"] == dict.fromkeys(("new", "changed", "same", "refused", "mendable"), 0)
