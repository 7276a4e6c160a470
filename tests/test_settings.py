""".env.example names every setting that a service reads, says what it is for, and names no other."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from stack.environment import SERVICES, service_environment
from stack.installation import Installation

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
NAME = re.compile(r"(?:# )?METON_([A-Z0-9_]+?)(?:_FILE)?=")


def read_by(service: str) -> set[str]:
    """The names that a service's settings ask the environment for, without prefix."""
    text = (ROOT / service / "settings.py").read_text(encoding="utf-8")
    return set(re.findall(r'env\.\w+\("([A-Z0-9_]+)"', text))


def explained() -> dict[str, str]:
    """Each name of .env.example with the comment above it, a block of settings sharing one comment."""
    names: dict[str, str] = {}
    comment = ""
    for line in EXAMPLE:
        if setting := NAME.match(line):
            names[setting[1]] = comment
        elif line.startswith("#"):
            comment = line.lstrip("# ")
        elif not line:
            comment = ""
    return names


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_of_a_service_is_in_the_example(service: str) -> None:
    assert read_by(service) <= explained().keys()


def test_the_example_names_nothing_that_no_service_reads() -> None:
    assert explained().keys() == {name for service in SERVICES for name in read_by(service)}


def test_every_setting_in_the_example_is_explained() -> None:
    assert [name for name, comment in explained().items() if not comment] == []


def test_the_example_holds_no_secret() -> None:
    for line in EXAMPLE:
        if NAME.match(line) and re.search("PASSWORD|SECRET|TOKEN|_KEY(_FILE)?=", line):
            assert "_FILE=" in line or line.startswith("METON_S3_ACCESS_KEY"), "secrets are given by file"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_names_everything_that_is_missing_at_once(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = importlib.import_module(f"{service}.settings")
    for name in read_by(service):
        monkeypatch.delenv(f"METON_{name}", raising=False)
    with pytest.raises(Exception, match="METON_LISTEN_PORT") as refused:
        settings.read()
    assert "METON_DATABASE_URL" in str(refused.value)


@pytest.mark.parametrize("service", SERVICES)
def test_the_stack_tells_a_service_what_it_reads(service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation = Installation(root=ROOT, state=tmp_path)
    installation.keep_secret("synapse_admin_token", "handed out by Synapse")
    for name, value in service_environment(installation, service).items():
        monkeypatch.setenv(name, value)
    settings = importlib.import_module(f"{service}.settings").read()
    assert settings.listen_port == installation.port(service)
