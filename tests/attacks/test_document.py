"""The server answers as its OpenAPI document says, whatever it is asked: Schemathesis against the running server.

No answer of 500 to 599, none with a status or media type that the document does not tell, none whose JSON does not
fit its schema, and no request that breaks the document's schemas is accepted.
"""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.fakes.attack_world import World

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "unsupported_method",
)
ENDLESS = ("/api/v1/live", "/api/v1/cameras/live", "/api/v1/cameras/{code}/live", "/api/v1/cameras/{code}/stills")
"""Answers that go on for as long as somebody reads; it learns codes of cameras from other answers."""

EXAMPLES = os.environ.get("ATTACK_EXAMPLES", "8")
SECONDS = 75
ROOT = Path(__file__).parents[2]
# Two would be threads of one CPython 3.11, where ast.parse in two threads at once may end in "SystemError: AST
# constructor recursion depth mismatch" (gh-106905); Hypothesis parses the sources of what it draws from.
WORKERS = 1


async def _tried(world: World, folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and output of one run as the administrator of one centre; streams and sign-out are left out."""
    token = world.tokens["quang-nam", "admin"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{world.server.url}/api/v1/openapi.json"),
        *("--url", world.server.url, "--header", f"Authorization: Bearer {token}", "--no-color"),
        *(word for path in ENDLESS for word in ("--exclude-path", path)),
        *("--checks", ",".join(CHECKS), "--phases", "coverage,fuzzing"),
        *("--max-examples", EXAMPLES, "--max-time", str(SECONDS), "--workers", str(WORKERS), "--seed", "1"),
        *("--generation-database", "none", "--warnings", "off", "--request-timeout", "20"),
        *arguments,
        cwd=folder,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "tests.fakes.pieces", "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode(errors="replace")


async def test_answers_are_those_of_the_document(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, output = await _tried(world, tmp_path)
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(line for line in output.splitlines()[-12:] if line.strip()) + "\n")
    assert code == 0, output[-20_000:]
