"""The policy of a page that brings its code in itself."""

import base64
import hashlib
import os
from pathlib import Path

from ioc.api.guard import SECURITY
from ioc.api.inlined import digests, policy_of

PLAIN = SECURITY["Content-Security-Policy"]


def of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_each_inline_script_and_style_is_named_by_its_digest_and_no_file_is() -> None:
    page = '<style>a{}</style><script type="module">one()</script><script src="/x.js"></script><script>two\n</script>'
    assert digests(page.encode()) == {"script-src": [of("one()"), of("two\n")], "style-src": [of("a{}")]}


def test_nothing_else_of_the_policy_is_opened(tmp_path: Path) -> None:
    page = tmp_path / "inbox.html"
    page.write_text("<style>a{}</style><script>one()</script>")
    before, after = PLAIN.split("; "), policy_of(page, PLAIN).split("; ")
    assert [part for part in after if part not in before] == [
        f"script-src 'self' {of('one()')}",
        f"style-src 'self' {of('a{}')}",
    ]
    assert len(before) == len(after)
    assert "unsafe-inline" not in policy_of(page, PLAIN)


def test_a_page_that_was_built_anew_has_a_policy_of_its_own(tmp_path: Path) -> None:
    page = tmp_path / "inbox.html"
    page.write_text("<script>one()</script>")
    assert of("one()") in policy_of(page, PLAIN)
    page.write_text("<script>two()</script>")
    os.utime(page, ns=(1, 1))
    assert of("two()") in policy_of(page, PLAIN)
    assert of("one()") not in policy_of(page, PLAIN)
