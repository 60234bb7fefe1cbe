"""Uplinks as network servers publish them, and the devices behind them."""

import base64
import json
from pathlib import Path
from typing import Any

import msgspec

from sensors.profile import Device
from tests.fakes.things import device

EXAMPLES = Path(__file__).parents[1] / "data" / "lorawan"

DEPTH = bytes.fromhex("0207d9000390888081006400000c60")
"""A frame of Decentlab DL-CTD10 (tests/data/lorawan): 4.232 m, 12.9 °C, 3.168 V."""

TTS_TOPIC = "v3/quang-nam@ioc/devices/lora-water/up"

CHIRPSTACK_TOPIC = "application/6c8d6f2c-0000-4000-8000-000000000000/device/70b3d57ed0061a2b/event/up"


def example(name: str) -> list[dict[str, Any]]:
    """The examples of one device: hex, fPort and what the maker's own script returns."""
    found: list[dict[str, Any]] = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))["examples"]
    return found


def behind(code: str = "lora-water", profile: str = "lorawan-water-level", gateway: str = "gw") -> Device:
    """A device that a gateway speaks for."""
    return msgspec.structs.replace(device(code, profile), gateway=gateway)


def tts(frame: bytes = DEPTH, **changed: Any) -> dict[str, Any]:
    """An uplink of The Things Stack; `changed` members of its `uplink_message`, None takes one away."""
    uplink: dict[str, Any] = {
        "session_key_id": "AYfg8rhha5n+FWx0ZaAprA==",
        "f_port": 1,
        "f_cnt": 41,
        "frm_payload": base64.b64encode(frame).decode(),
        "rx_metadata": [{"gateway_ids": {"gateway_id": "roof"}, "rssi": -92, "snr": 7.5}],
        "received_at": "2026-11-22T00:59:58.120934121Z",
    }
    uplink = {name: value for name, value in (uplink | changed).items() if value is not None}
    return {
        "end_device_ids": {
            "device_id": "lora-water",
            "application_ids": {"application_id": "quang-nam"},
            "dev_eui": "70B3D57ED0061A2B",
            "dev_addr": "260B1F2E",
        },
        "correlation_ids": ["as:up:01"],
        "received_at": "2026-11-22T00:59:58.330000000Z",
        "uplink_message": uplink,
    }


def chirpstack(frame: bytes = DEPTH, **changed: Any) -> dict[str, Any]:
    """An uplink event of ChirpStack v4; `changed` members, None takes one away."""
    event: dict[str, Any] = {
        "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
        "time": "2026-11-22T00:59:58.120934+00:00",
        "deviceInfo": {"tenantName": "IOC", "deviceName": "lora-water", "devEui": "70b3d57ed0061a2b"},
        "devAddr": "00189440",
        "adr": True,
        "fCnt": 41,
        "fPort": 1,
        "confirmed": False,
        "data": base64.b64encode(frame).decode(),
        "rxInfo": [{"gatewayId": "0016c001f153a14c", "gwTime": "2026-11-22T00:59:58.12+00:00", "rssi": -36}],
    }
    return {name: value for name, value in (event | changed).items() if value is not None}
