"""`render` and `settle`: what the containers `setup` and `settle-…` run, with nothing but what their image holds."""

from __future__ import annotations

import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from stack import programs, rendering, words
from stack.components import catalog
from stack.environment import SERVICES
from stack.installation import ROOT, Installation
from tests.deploy.test_images import instructions


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """/opt/meton as services.Dockerfile makes it."""
    folder = tmp_path_factory.mktemp("image")
    read = instructions((ROOT / "deploy/images/services.Dockerfile").read_text(encoding="utf-8"))
    inside = read[read.index(("WORKDIR", "/opt/meton")) :]
    for rest in (rest for word, rest in inside if word == "COPY"):
        *sources, target = rest.split()
        for source in (ROOT / name for name in sources):
            place = folder / target / source.name if target.endswith("/") else folder / target
            place.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, place)
    return folder


@pytest.fixture(scope="module")
def rendered(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """What `setup` leaves in an empty volume."""
    state = tmp_path_factory.mktemp("volume") / "state"
    render(image, state, "--public-url=https://meton.example")
    return Installation.open(state, image)


def render(image: Path, state: Path, *more: str) -> None:
    command = [str(programs.PYTHON), "-m", "stack", "render", f"--state={state}", "--listen=0.0.0.0", *more]
    done = subprocess.run(command, cwd=image, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def handed_out(installation: Installation, component: str) -> set[str]:
    return {path.name for path in (installation.folder(rendering.HANDED_OUT) / component).iterdir()}


def test_every_component_finds_its_files(rendered: Installation) -> None:
    for component in catalog.ALL:
        folder = rendered.folder(component.name)
        written = {str(path.relative_to(folder)) for path in folder.rglob("*")}
        assert set(component.files(rendered)) <= written
    assert (rendered.folder("postgres") / "data/PG_VERSION").read_text().strip() == "18"


def test_choices_are_remembered_for_the_steps_that_follow(rendered: Installation) -> None:
    assert (rendered.listen, rendered.public_url) == ("0.0.0.0", "https://meton.example")
    assert "listen 0.0.0.0:8080" in (rendered.folder("gateway") / "nginx.conf").read_text()


def test_everything_is_its_owners_alone(rendered: Installation) -> None:
    folders = [path for path in rendered.state.iterdir() if path.is_dir()]
    files = [path for path in rendered.state.rglob("*") if path.is_file() and path.name != "lock"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_service_is_given_the_secrets_it_is_told_of_and_no_others(rendered: Installation) -> None:
    for service in SERVICES:
        told = {Path(value).name for key, value in rendered.environment(service).items() if key.endswith("_FILE")}
        assert handed_out(rendered, service) == told - {"synapse_admin_token"}
    assert handed_out(rendered, "gateway") == {"media_signing_key", "s3_edge"}
    assert handed_out(rendered, "postgres") == set()


def test_doing_it_again_changes_nothing(rendered: Installation, image: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in rendered.state.rglob("*") if path.is_file()}
    render(image, rendered.state, "--public-url=https://meton.example")
    after = {path: path.stat().st_mtime_ns for path in rendered.state.rglob("*") if path.is_file()}
    assert {path for path in after if after[path] != before.get(path)} <= {rendered.state / "lock"}


def test_a_secret_made_after_the_start_follows_and_one_no_longer_told_goes(contained: Installation) -> None:
    appservice = catalog.load()["appservice"]
    rendering.hand_out(contained, appservice)
    assert "synapse_admin_token" not in handed_out(contained, "appservice")
    contained.keep_secret("synapse_admin_token", "given by Synapse")
    (contained.folder(rendering.HANDED_OUT) / "appservice/earlier").touch()
    rendering.hand_out(contained, appservice)
    assert handed_out(contained, "appservice") >= {"synapse_admin_token"}
    assert "earlier" not in handed_out(contained, "appservice")


def test_settle_takes_the_components_that_have_steps() -> None:
    for component in catalog.ALL:
        if component.after_start:
            assert words.parse(["settle", component.name]).name == component.name
        else:
            with pytest.raises(SystemExit):
                words.parse(["settle", component.name])
