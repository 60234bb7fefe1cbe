"""Which process holds a client id: told by a retained message, because a broker need not say who took a session.

MQTT 5 (OASIS, 2019) 3.1.4-3 lets the broker end the older connection with reason code 0x8E; Mosquitto 2.0.11
closes it without a word (tried), like a network that broke. Two processes would then throw each other out for ever.
"""

import secrets

ROOT = "ioc/intake"


class Claim:
    """A word that only this process knows, under the client id's own topic.

    It is published once, after each predecessor's was read. When a later connection reads another word, another
    process signed in since.
    """

    def __init__(self, client_id: str) -> None:
        self.topic = f"{ROOT}/{client_id}"
        self.word = secrets.token_hex(8).encode()
        self.made = False
        self.lost = False

    def heard(self, payload: bytes) -> None:
        """Note what stands there: ours makes the claim, another's loses it once it was made."""
        if payload == self.word:
            self.made = True
        elif self.made:
            self.lost = True
