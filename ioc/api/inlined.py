"""Pages that bring their script and style in themselves: what their policy must allow, by digest and by nothing else.

A page for a weak link is one file: each further one costs a round trip. Its policy names the SHA-256 of every inline
script and style that it was built with (CSP Level 3, 2.3.1), so code that came in on another way does not run.
"""

import base64
import hashlib
import re
from pathlib import Path

from aiohttp import web

POLICY: web.RequestKey[str] = web.RequestKey("policy", str)
"""The policy of the page that this request is answered with, in place of the one of all pages."""

_INLINE = {
    "script-src": re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL),
    "style-src": re.compile(rb"<style[^>]*>(.*?)</style>", re.DOTALL),
}
_KNOWN: dict[Path, tuple[tuple[int, int], dict[str, list[str]]]] = {}


def digests(page: bytes) -> dict[str, list[str]]:
    """What is inline in a page, by the directive that governs it: `'sha256-…'` each."""
    return {
        directive: [
            f"'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'" for text in pattern.findall(page)
        ]
        for directive, pattern in _INLINE.items()
    }


def policy_of(path: Path, policy: str) -> str:
    """A policy that allows, beside what it allows already, what is inline in a page. Raises OSError."""
    about = path.stat()
    state = (about.st_mtime_ns, about.st_size)
    known = _KNOWN.get(path)
    if known is None or known[0] != state:
        known = _KNOWN[path] = (state, digests(path.read_bytes()))
    parts = []
    for part in policy.split("; "):
        more = known[1].get(part.split(" ", 1)[0], [])
        parts.append(" ".join([part, *more]))
    return "; ".join(parts)
