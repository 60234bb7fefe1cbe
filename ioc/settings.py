"""Settings: read once from `ioc.toml` and the environment, cast, complete; an unknown name refuses to start."""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from ioc.tell.mail_server import MailServer, Sender

PREFIX = "IOC_"


WANTED = {
    "spool_bytes": "give a number of bytes, at least 1048576",
    "media_bytes": "give a number of bytes, at least 1048576",
    "tile_bytes": "give a number of bytes; 0 keeps none",
    "http_port": "give a port, a whole number from 0 to 65535",
    "broker_port": "give a port, a whole number from 0 to 65535",
    "broker_tls_port": "give a port, a whole number from 0 to 65535",
    "language": "give vi or en",
    "replay": "give true or false",
    "mqtt_client": "give mqtt5 or paho",
    "intake_share": "give true or false",
    "demo_speed": "give a number above 0",
    "demo_refusals": "give true or false",
}
"""What a setting takes, for those that are not simply a text."""


_ORIGIN = re.compile(r"https?://([A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?/?\Z")
_HOST = re.compile(r"\.?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\Z")


class SettingsError(Exception):
    """A setting cannot be used; the text names it and says what to do."""


Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Size = Annotated[int, msgspec.Meta(ge=2**20)]
Natural = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting by its lower-case name in `ioc.toml`; in the environment it is `IOC_` and upper case.

    Addresses of the database and the broker may carry passwords, so a Settings is never printed.
    """

    state_dir: str = ".ioc"
    """Folder of everything that the service keeps outside the database."""
    spool_bytes: Size = 2 * 2**30
    """Bytes of batches that may wait on disk, for each intake, while PostgreSQL takes nothing."""
    media_bytes: Size = 20 * 2**30
    """Bytes of pictures and clips that are kept; beyond it the oldest that nobody holds goes first."""
    tile_bytes: Natural = 64 * 2**20
    """Bytes of map tiles that a serving process keeps in memory, each until something in it changes; 0: none."""
    http_host: str = "127.0.0.1"
    """Address on which HTTP is served."""
    http_port: Port = 8080
    """Port on which HTTP is served; the demo takes the next free one."""
    database_url: str = ""
    """PostgreSQL as the role `ioc_app`, for example postgresql://ioc_app:…@host/ioc."""
    database_owner_url: str = ""
    """PostgreSQL as the role `ioc_owner`, for `ioc migrate` alone."""
    mqtt_url: str = ""
    """The broker as the intake's user, for example mqtt://ioc-intake:…@host:1883."""
    broker_dir: str = ""
    """Folder of the broker's files of users, which `ioc broker` writes and the broker reads."""
    broker_pid: str = ""
    """The broker's process, told when its files changed: a number, or the file that holds it (Mosquitto's pid_file)."""
    broker_log: str = ""
    """The broker's log (log_dest file, log_type debug), where `ioc broker` looks for refused publishes; empty: none."""
    broker_host: str = ""
    """Host name or address by which devices call the broker; its certificate names it. Empty: that of IOC_MQTT_URL."""
    broker_port: Port = 0
    """Port at which devices call the broker without TLS; 0: they do not."""
    broker_tls_port: Port = 0
    """Port at which devices call the broker over TLS; 0: they do not."""
    broker_ca: str = ""
    """PEM file of the authority of the broker's certificate; empty: `authority/ca.crt` in the state dir."""
    mqtt_client: Annotated[str, msgspec.Meta(pattern="^(mqtt5|paho)$")] = "mqtt5"
    """How the intake speaks to the broker: mqtt5 (the quick one) or paho (paho-mqtt, the portable one)."""
    intake_share: bool = False
    """Whether several `ioc intake` share the messages; all of them or none, see ioc/slots.py."""
    centre: str = "quang-nam"
    """Code of the installation's home centre."""
    language: Annotated[str, msgspec.Meta(pattern="^(vi|en)$")] = "vi"
    """Language of pages and messages for those who have not chosen: vi or en."""
    timezone: str = "Asia/Ho_Chi_Minh"
    """Zone of local days and of times on pages."""
    replay: bool = False
    """Whether a recording plays: the wall says so, and the demo's own rules apply."""
    demo_speed: Positive = 60.0
    """Recorded seconds that the demo plays in a second."""
    demo_refusals: bool = True
    """Whether the demo's broker tells of each refused publish, at a cost, so that it is in the audit trail."""
    codecs_dir: str = ""
    """Folder of payload scripts of LoRaWAN devices, NAME.js each; empty: `codecs` in the state dir."""
    profiles: str = ""
    """TOML file of device profiles of one's own, over the shipped ones; empty: `profiles.toml` in the state dir."""
    register_policy: str = ""
    """TOML file of what is asked of devices and cameras before they are in use; empty: as shipped."""
    detector: str = ""
    """ONNX file of a learned detector for the cameras (cameras/detector.py says which); empty: none."""
    outbound: str = ""
    """Networks and host names that may be called, with commas between them; empty: nobody is."""
    feeds: str = ""
    """TOML file of agencies' feeds, a table [feed.CODE] with its url each; empty: there are none."""
    secrets_keys: str = ""
    """File of the keys that seal cameras' passwords in the database; empty: `camera-keys.json` in the state dir."""
    camera_files: str = ""
    """Folder whose files the address of a camera may name (file:///…), for tests and training; empty: none."""
    soc_host: str = ""
    """Host of the security centre's syslog receiver, as its certificate names it; empty: none is told."""
    soc_port: Port = 6514
    """Port of the receiver (syslog over TLS, RFC 5425)."""
    soc_ca: str = ""
    """PEM file of the authority that signed the receiver's certificate; empty: this machine's own authorities."""
    soc_certificate: str = ""
    """PEM file of our own certificate, where the receiver asks for one."""
    soc_key: str = ""
    """PEM file of its key, when it is not in the same file."""
    public_url: str = ""
    """The address under which people reach the wall, as they type it; links in messages begin with it. Empty: none."""
    smtp_url: str = ""
    """The mail server with its account: smtps://…, smtp://… (STARTTLS) or smtp+plain://…; empty: no mail is sent."""
    smtp_sender: str = ""
    """In whose name mail is sent, such as IOC Quảng Nam <ioc@example.gov.vn>."""
    smtp_ca: str = ""
    """PEM file of the authority of the mail server's certificate; empty: this machine's own authorities."""
    push_hosts: str = ""
    """Hosts of push services that browsers may use, with commas between them; empty: web push is off."""

    def __repr__(self) -> str:
        return "Settings(…)"

    @property
    def state(self) -> Path:
        """The state dir as an absolute path."""
        return Path(self.state_dir).absolute()

    @property
    def scripts(self) -> Path:
        """The folder of payload scripts as an absolute path."""
        return Path(self.codecs_dir).absolute() if self.codecs_dir else self.state / "codecs"

    @property
    def broker_folder(self) -> Path:
        """The folder of the broker's files as an absolute path."""
        return Path(self.broker_dir).absolute()

    @property
    def authority(self) -> Path:
        """The certificate of the broker's authority as an absolute path; it need not be there."""
        return Path(self.broker_ca).absolute() if self.broker_ca else self.state / "authority" / "ca.crt"

    @property
    def vault_file(self) -> Path:
        """The file of the keys that seal secrets, as an absolute path."""
        return Path(self.secrets_keys).absolute() if self.secrets_keys else self.state / "camera-keys.json"

    @property
    def links(self) -> str:
        """The public address without a slash behind it, empty when there is none. Raises SettingsError."""
        if not self.public_url:
            return ""
        if not _ORIGIN.match(self.public_url):
            wanted = "give https://host, with a port where it needs one, and nothing behind it"
            raise SettingsError(f"IOC_PUBLIC_URL cannot be {self.public_url!r}: {wanted}")
        return self.public_url.rstrip("/").lower()

    @property
    def mail_server(self) -> MailServer | None:
        """The mail server, None when no mail is sent. Raises SettingsError, which repeats no password."""
        try:
            return MailServer.parse(self.smtp_url) if self.smtp_url else None
        except ValueError as error:
            raise SettingsError(f"IOC_SMTP_URL cannot be used: {error}") from None

    @property
    def sender(self) -> Sender | None:
        """In whose name mail is sent. Raises SettingsError when it cannot be used, or is missing for a mail server."""
        if not self.smtp_sender:
            if self.smtp_url:
                raise SettingsError("IOC_SMTP_SENDER is missing: give a mailbox, such as IOC <ioc@example.gov.vn>")
            return None
        try:
            return Sender.parse(self.smtp_sender)
        except ValueError as error:
            raise SettingsError(f"IOC_SMTP_SENDER cannot be {self.smtp_sender!r}: {error}") from None

    @property
    def push_services(self) -> tuple[str, ...]:
        """Hosts of push services; one that begins with a dot stands for all below it. Raises SettingsError."""
        found = tuple(one.strip().lower() for one in self.push_hosts.split(",") if one.strip())
        for one in found:
            if not _HOST.match(one):
                wanted = "give host names with commas between them, such as push.example.vn"
                raise SettingsError(f"IOC_PUSH_HOSTS cannot hold {one!r}: {wanted}")
        return found

    @property
    def contact(self) -> str:
        """Whom a push service asks when something is wrong (RFC 8292, 2.1). Raises SettingsError when nobody is."""
        if self.links.startswith("https:"):
            return self.links
        if self.sender is None:
            raise SettingsError("IOC_PUSH_HOSTS needs a contact: give IOC_PUBLIC_URL (https://…) or IOC_SMTP_SENDER")
        return f"mailto:{self.sender.mailbox}"

    def check(self) -> None:
        """Raise SettingsError now for what would otherwise be found out when a process first needs it."""
        _ = self.zone, self.links, self.mail_server, self.sender
        if self.push_services:
            _ = self.contact

    @property
    def zone(self) -> ZoneInfo:
        """The time zone. Raises SettingsError when this machine does not know it."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            wanted = "give a name of the IANA database, such as Asia/Ho_Chi_Minh"
            raise SettingsError(f"IOC_TIMEZONE cannot be {self.timezone!r}: {wanted}") from error


def from_environment(file: Path = Path("ioc.toml")) -> Settings:
    """The settings of this process. Raises SettingsError naming the setting that cannot be used."""
    return read(os.environ, file)


def inherited() -> dict[str, str]:
    """The environment without our settings, for children that are given their own."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


def read(environment: Mapping[str, str], file: Path) -> Settings:
    """Settings of a file, overruled by an environment."""
    known = {field.name for field in msgspec.structs.fields(Settings)}
    values: dict[str, object] = _file(file, known)
    for name, value in environment.items():
        if name.startswith(PREFIX):
            key = name.removeprefix(PREFIX).lower()
            if key not in known:
                raise SettingsError(f"no setting {name} is known; {_nearest(name, known)}")
            values[key] = value
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_cannot_be(str(error), values)) from error
    settings.check()
    return settings


def _cannot_be(error: str, values: Mapping[str, object]) -> str:
    """One sentence of msgspec's words, with the name that people know and the value that they gave."""
    key = error.rpartition("$.")[2].strip("`")
    about = next((field for field in msgspec.structs.fields(Settings) if field.name == key), None)
    if about is None:
        return f"a setting cannot be used: {error}"
    return f"{PREFIX}{key.upper()} cannot be {values.get(key)!r}: {WANTED.get(key, 'give a text')}"


def _file(file: Path, known: set[str]) -> dict[str, object]:
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}") from error
    for key in values:
        if key not in known:
            raise SettingsError(f"{file} has the unknown key {key!r}; {_nearest(key, known)}")
    return values


def _nearest(name: str, known: set[str]) -> str:
    upper = sorted(PREFIX + key.upper() for key in known)
    near = difflib.get_close_matches(name.upper(), upper, n=1, cutoff=0.7)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(upper)}"
