"""Which process holds a client id: told by a retained message, because a broker need not say who took a session.

MQTT 5 (OASIS, 2019) 3.1.4-3 lets the broker end the older connection with reason code 0x8E; Mosquitto 2.0.11
closes it without a word (tried), like a network that broke. Two processes would then throw each other out for ever.
"""

import secrets

ROOT = "ioc/intake"


class Claim:
    """A word that only this process knows, kept by the broker under a topic of the client id.

    The first connection reads the predecessors' words and then publishes ours. A word that is new to us on a
    later connection is that of a process that signed in since: the claim is lost. One that we have read before
    comes from a broker that crashed and forgot ours: it is published again.
    """

    def __init__(self, client_id: str) -> None:
        self.topic = f"{ROOT}/{client_id}"
        self.word = secrets.token_hex(8).encode()
        self.made = False
        self.lost = False
        self._before: set[bytes] = set()

    def heard(self, payload: bytes) -> bool:
        """Note the word that stands there; whether ours must be published again."""
        if payload == self.word:
            self.made = True
        elif not self.made:
            self._before.add(payload)
        elif payload in self._before:
            self.made = False
            return True
        else:
            self.lost = True
        return False
