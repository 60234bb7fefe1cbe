"""What a person types as a camera's address: a host, an ONVIF service or a stream. No I/O."""

import re
from urllib.parse import quote, unquote, urlsplit

import msgspec

from cameras.camera import Address
from cameras.soap import Account

SERVICE = "/onvif/device_service"
"""Where an ONVIF device answers (ONVIF Core, 5.1.1)."""

LONGEST = 1000
_HTTP = {"http": 80, "https": 443}
_RTSP = {"rtsp": 554, "rtsps": 322}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to ask: the host, its ONVIF service, and the stream, empty when the camera is to name it."""

    host: str
    onvif: str
    onvif_port: int
    stream: str = ""
    account: Account | None = None


def wanted_of(address: str, user: str = "", password: str = "", port: int | None = None) -> Wanted:
    """Read an address. An account in it counts where none is given apart; `port` is that of ONVIF.

    Raises ValueError, without the text of the address, for what is none.
    """
    text = address.strip()
    try:
        if text and len(text) <= LONGEST and text.isprintable() and not set(text) & {" ", "\\"}:
            return _read(text, user, password, port)
    except ValueError:  # its words may hold what stands where a port should
        pass
    raise ValueError("it is no address of a camera") from None


def _read(text: str, user: str, password: str, port: int | None) -> Wanted:
    if "://" not in text:
        text = f"http://{_bracketed(text)}"
    parts = urlsplit(text)
    host, own = parts.hostname, parts.port
    if not host or own == 0 or parts.scheme not in {*_HTTP, *_RTSP}:
        raise ValueError("it is no address of a camera")
    account = _account(parts.username, parts.password, user, password)
    bare = f"[{host}]" if ":" in host else host
    if parts.scheme in _RTSP:
        stream = parts._replace(netloc=f"{bare}:{own}" if own else bare, fragment="").geturl()
        Address(stream)
        return Wanted(
            host=host, onvif=_service("http", bare, port or 80), onvif_port=port or 80, stream=stream, account=account
        )
    at = own or port or _HTTP[parts.scheme]
    path = parts.path if parts.path not in ("", "/") else SERVICE
    service = _service(parts.scheme, bare, at, path) + (f"?{parts.query}" if parts.query else "")
    return Wanted(host=host, onvif=service, onvif_port=at, account=account)


def _bracketed(text: str) -> str:
    """An IPv6 address as it is written in an address."""
    return f"[{text}]" if re.fullmatch(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", text) else text


def _service(scheme: str, host: str, port: int, path: str = SERVICE) -> str:
    return f"{scheme}://{host}{'' if port == _HTTP[scheme] else f':{port}'}{path}"


def _account(own_user: str | None, own_password: str | None, user: str, password: str) -> Account | None:
    if user or password:
        return Account(user, password)
    return Account(unquote(own_user), unquote(own_password or "")) if own_user else None


def stream_of(named: str, host: str) -> str:
    """The stream that a camera names, on the host that was asked: behind NAT it names one that leads nowhere.

    Without account. Raises ValueError when it is no RTSP address.
    """
    parts = urlsplit(named.strip())
    if parts.scheme.lower() not in _RTSP or not parts.hostname or parts.port == 0:
        raise ValueError("it is no RTSP address")
    bare = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port else ""
    return Address(parts._replace(scheme=parts.scheme.lower(), netloc=bare + port, fragment="").geturl()).url


def moved_of(named: str, host: str) -> str:
    """A still picture's address on the host that was asked, without account; empty when it is none."""
    try:
        parts = urlsplit(named.strip())
        bare = f"[{host}]" if ":" in host else host
        port = f":{parts.port}" if parts.port else ""
        return parts._replace(netloc=bare + port, fragment="").geturl() if parts.scheme in _HTTP else ""
    except ValueError:
        return ""


def with_account(url: str, account: Account | None) -> str:
    """An address with user and password in it, as FFmpeg takes it."""
    if account is None:
        return url
    parts = urlsplit(url)
    secret = f"{quote(account.user, safe='')}:{quote(account.password, safe='')}@"
    return parts._replace(netloc=secret + parts.netloc.rpartition("@")[2]).geturl()
