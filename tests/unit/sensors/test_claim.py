"""The claim to a client id, between processes whose words the broker keeps."""

from sensors.claim import Claim


def test_a_predecessor_s_word_is_no_loss_and_a_successor_s_is() -> None:
    claim = Claim("ioc-intake")
    assert not claim.heard(b"predecessor")
    assert not claim.heard(claim.word)
    assert (claim.made, claim.lost) == (True, False)
    assert not claim.heard(claim.word)
    assert not claim.heard(b"successor")
    assert claim.lost


def test_a_broker_that_forgot_our_word_is_told_it_again() -> None:
    """Killed before it wrote its file, it comes back with the word that stood there before."""
    claim = Claim("ioc-intake")
    claim.heard(b"predecessor")
    claim.heard(claim.word)
    assert claim.heard(b"predecessor")
    assert (claim.made, claim.lost) == (False, False)
    claim.heard(claim.word)
    assert claim.made


def test_each_client_id_has_its_topic_and_each_process_its_word() -> None:
    assert Claim("ioc-intake-2").topic == "ioc/intake/ioc-intake-2"
    assert Claim("a").word != Claim("a").word
