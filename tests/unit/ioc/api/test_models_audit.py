"""What the routes answer is described by types that encode as the contract says."""

import msgspec

from ioc.api.models_audit import ChainState


def test_the_state_of_an_empty_chain_is_plain_json() -> None:
    state = ChainState(seq=0, hash="00" * 32, waiting=0, waiting_since=None)
    assert msgspec.to_builtins(state) == {"seq": 0, "hash": "00" * 32, "waiting": 0, "waiting_since": None}
