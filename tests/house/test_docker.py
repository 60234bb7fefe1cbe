"""docker/ says the same as ./run does; nothing here needs docker."""

import re
from pathlib import Path

import pytest

from ioc.embedded import broker, postgres


def pairs(text: str, pattern: str) -> dict[str, str]:
    """The settings of a configuration file, comments left out."""
    found = (re.match(pattern, line) for line in text.splitlines() if not line.startswith("#"))
    return {match[1]: match[2] for match in found if match}


def test_postgresql_has_the_same_settings(root: Path) -> None:
    """Whatever ./run was tried with is what a deployment gets."""
    written = pairs((root / "docker/postgresql.conf").read_text(), r"(\w+) = '?([^'#]*?)'?\s*(?:#.*)?$")
    differing = {name for name, value in postgres.SETTINGS.items() if written.get(name) != value}
    assert not differing, f"docker/postgresql.conf and ioc/embedded/postgres.py differ in {sorted(differing)}"


def test_the_broker_has_the_same_settings(root: Path) -> None:
    """And its listeners: one for our own parts, one for devices with keys, one for those with certificates."""
    text = (root / "docker/mosquitto.conf").read_text()
    written = pairs(text.partition("\nlistener ")[0], r"(\w+) (.+)$")
    differing = {name for name, value in broker.SETTINGS.items() if written.get(name) != value}
    assert not differing, f"docker/mosquitto.conf and ioc/embedded/broker.py differ in {sorted(differing)}"
    assert [line in text for line in (f"{name} {value}\n" for name, value in broker.LOG)] == [True] * len(broker.LOG)
    inside, keys, certificates = (dict(re.findall(r"(?m)^(\w+) (.+)$", one)) for one in text.split("\nlistener ")[1:])
    field = {name: f"/mosquitto/users/{file}" for name, file in broker.TLS_FILES.items()} | broker.FIELD
    crl = {name: f"/mosquitto/users/{file}" for name, file in broker.BY_CERTIFICATE.items()}
    asked = {"require_certificate": "true", "use_identity_as_username": "true"}
    assert (inside, keys, certificates) == ({}, field, field | crl | asked)


def test_every_file_that_docker_mounts_or_copies_exists(root: Path) -> None:
    """A path that is wrong would be found out only where docker runs."""
    compose = (root / "docker/compose.yml").read_text()
    mounted = re.findall(r"- (\.\.?/\S+?):/", compose)
    assert len(mounted) >= 5
    made_there = {"./users", "./users/ca.crt"}
    missing = [path for path in mounted if path not in made_there and not (root / "docker" / path).exists()]
    assert not missing, f"docker/compose.yml mounts what does not exist: {', '.join(missing)}"
    assert (root / "docker/service.sh").exists()


@pytest.mark.parametrize("part", ["database", "migrate"])
def test_what_is_in_the_core_has_no_port_outside(root: Path, part: str) -> None:
    """Only the broker and the server open one, each to one zone."""
    compose = (root / "docker/compose.yml").read_text()
    sections = re.split(r"\n  (?=\w+:)", compose.split("\nservices:")[1].split("\nnetworks:")[0])
    opened = {section.split(":")[0].strip() for section in sections if re.search(r"\n    ports:", section)}
    assert opened == {"broker", "serve"}
    assert part not in opened
