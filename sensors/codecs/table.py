"""The codecs by the names that profiles use. A format is added here, with its file, and nowhere else."""

from collections.abc import Mapping, Sequence
from functools import partial
from importlib import resources
from pathlib import Path

import msgspec

from sensors.codecs import chirpstack, ioc, lorawan, mapping, senml, tts
from sensors.codecs.codec import Codec, GatewayCodec
from sensors.codecs.script import Scripts


class Codecs(msgspec.Struct, frozen=True):
    """`own` for what a device writes under its own code, `gateways` for what a gateway writes under `in/`."""

    own: Mapping[str, Codec]
    gateways: Mapping[str, GatewayCodec]


def codecs(scripts: Scripts) -> Codecs:
    """Every codec."""
    return Codecs(
        {
            "ioc": ioc.decode,
            "senml": senml.decode,
            "mapping": mapping.decode,
            "lorawan-raw": partial(lorawan.decode, scripts=scripts),
        },
        {
            "lorawan-tts": partial(tts.decode, scripts=scripts),
            "lorawan-chirpstack": partial(chirpstack.decode, scripts=scripts),
        },
    )


def shipped_scripts() -> Path:
    """The folder of the payload scripts that come with the package."""
    return Path(str(resources.files("sensors.codecs").joinpath("scripts")))


def scripts_in(*folders: Path) -> Scripts:
    """The scripts of a deployment, before those that are shipped."""
    return Scripts([*folders, shipped_scripts()])


NAMES: Sequence[str] = ("ioc", "senml", "lorawan-raw", "lorawan-tts", "lorawan-chirpstack", "mapping")
"""The names that a profile may give as its codec."""
