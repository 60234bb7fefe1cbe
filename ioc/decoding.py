"""What reads messages by the register: of devices and of cameras, and of nothing that is not in use."""

from ioc.foreign import CameraCodecs
from ioc.register import Register
from sensors.codecs.table import Codecs
from sensors.decoder import Decoder


def decoder_of(register: Register, known: Codecs) -> Decoder:
    """A decoder that follows the register from message to message."""
    eyes = CameraCodecs(lambda: register.entries.cameras, register.barred)
    return Decoder(register.devices, known.own, known.gateways, eyes, register.barred)
