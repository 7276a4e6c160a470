"""compose.yaml describes the system that stack/components describes, and locks every container up."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from stack import keycloak_distribution, programs, words
from stack.components import catalog, keycloak
from stack.installation import ROOT, Installation
from tests.deploy import interpolation

Document = dict[str, Any]

COMPONENTS = catalog.load()
SETTLED = {name: f"settle-{name}" for name, component in COMPONENTS.items() if component.after_start}
ONE_SHOTS = {"setup", "demo", *SETTLED.values()}
CHECK_SCHEMA = programs.PYTHON.with_name("check-jsonschema")
# how an image calls what natively comes with a locked package
PROGRAMS = {
    programs.PYTHON: "python",
    programs.postgres("postgres"): "postgres",
    programs.VALKEY: "valkey-server",
    programs.WEED: "weed",
    programs.NGINX: "nginx",
}
HOME = {"HOME": "/tmp", "LANG": "C.UTF-8"}
KEYCLOAK_HOME = Path("/opt/keycloak")


def inside(text: str, installation: Installation) -> str:
    """The same, with the paths that containers have."""
    for path, name in PROGRAMS.items():
        text = name if text == str(path) else text
    return text.replace(str(installation.state), "/var/lib/meton").replace(str(installation.root), "/opt/meton")


def command_inside(installation: Installation, name: str) -> list[str]:
    if name == "keycloak":  # in its image's home, and with the container's own /tmp
        options = (*keycloak.MEMORY, "-Djava.io.tmpdir=/tmp")
        return ["java", *keycloak_distribution.java_command(KEYCLOAK_HOME, options, "start", "--optimized")[1:]]
    words = [inside(word, installation) for word in COMPONENTS[name].command(installation)]
    if name == "gateway":
        words[1:1] = ["-g", "load_module /usr/lib/nginx/modules/ngx_http_js_module.so;"]
    return words


def mounts(service: Document) -> dict[str, tuple[str, bool]]:
    """By target: the folder of the volume, and whether it is read-only."""
    return {
        volume["target"]: (volume["volume"]["subpath"], volume.get("read_only", False))
        for volume in service.get("volumes", [])
    }


@pytest.mark.parametrize(
    ("schema", "file"), [("compose-spec", "compose.yaml"), ("github-workflows", ".github/workflows/ci.yml")]
)
def test_it_is_valid(schema: str, file: str) -> None:
    line = [str(CHECK_SCHEMA), "--builtin-schema", f"vendor.{schema}", file]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_variables_are_filled_in_as_docker_does() -> None:
    text = "${URL:-http://localhost:${PORT:-8080}} $$status"
    assert interpolation.fill_in(text) == "http://localhost:8080 $status"
    assert interpolation.fill_in(text, {"PORT": "9000"}) == "http://localhost:9000 $status"
    assert interpolation.fill_in(text, {"URL": "https://meton.example"}) == "https://meton.example $status"
    with pytest.raises(ValueError, match="default"):
        interpolation.fill_in("$PORT")


# --- the same system


def test_it_has_every_component_and_nothing_else(services: dict[str, Document]) -> None:
    assert set(services) == {*COMPONENTS, *ONE_SHOTS, "pod"}


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_is_started_with_the_same_words(
    services: dict[str, Document], contained: Installation, name: str
) -> None:
    service = services[name]
    assert [*service.get("entrypoint", []), *service["command"]] == command_inside(contained, name)


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_is_told_the_same(services: dict[str, Document], contained: Installation, name: str) -> None:
    told = {key: inside(value, contained) for key, value in COMPONENTS[name].environment(contained).items()}
    scratch = {"TMPDIR": "/var/lib/meton/tmp"} if name == "media_worker" else {}
    assert services[name]["environment"] == {**told, **HOME, **scratch}


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_is_stopped_and_waited_for_alike(services: dict[str, Document], name: str) -> None:
    component, service = COMPONENTS[name], services[name]
    assert service.get("stop_signal", "SIGTERM") == f"SIG{component.stop_signal}"
    assert service["stop_grace_period"] == f"{component.stop_seconds}s"
    assert service["healthcheck"]["start_period"] == f"{component.ready_seconds}s"


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_waits_for_what_it_needs_and_its_steps(services: dict[str, Document], name: str) -> None:
    waits = {
        SETTLED.get(need, need): {
            "condition": "service_completed_successfully" if need in SETTLED else "service_healthy"
        }
        for need in COMPONENTS[name].needs
    }
    assert services[name]["depends_on"] == waits or {"setup": {"condition": "service_completed_successfully"}}


@pytest.mark.parametrize(("name", "settle"), SETTLED.items())
def test_the_steps_after_a_start_are_taken_once_it_is_healthy(
    services: dict[str, Document], name: str, settle: str
) -> None:
    assert services[settle]["depends_on"] == {name: {"condition": "service_healthy"}}
    assert services[settle]["command"][2:5] == ["stack", "settle", name]


@pytest.mark.parametrize("name", sorted(ONE_SHOTS))
def test_what_the_stack_is_asked_for_is_a_command_it_knows(services: dict[str, Document], name: str) -> None:
    python, _, module, *line = services[name]["command"]
    assert (python, module) == ("python", "stack")
    arguments = words.parse(line)
    assert arguments.state == Path("/var/lib/meton")


def test_ports_in_health_checks_are_those_of_the_component(
    services: dict[str, Document], contained: Installation
) -> None:
    for name, component in COMPONENTS.items():
        test = " ".join(services[name]["healthcheck"]["test"])
        port = contained.port(component.ports[1] if name == "keycloak" else component.ports[0])
        assert str(port) in test or "METON_LISTEN_PORT" in test, name


# --- locked up


def test_only_the_pod_is_reached_and_only_where_told(services: dict[str, Document]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["pod"]
    assert services["pod"]["ports"] == ["127.0.0.1:8080:8080"]
    inner = {service.get("network_mode") for name, service in services.items() if name not in ("pod", "setup")}
    assert inner == {"service:pod"}
    assert services["setup"]["network_mode"] == "none"


def test_no_container_has_more_rights_than_it_needs(services: dict[str, Document]) -> None:
    for name, service in services.items():
        assert service["user"] == "10001:10001", name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not {"privileged", "cap_add", "devices", "pid", "ipc", "userns_mode"} & service.keys(), name


def test_no_container_can_take_the_whole_machine(services: dict[str, Document]) -> None:
    for name, service in services.items():
        assert service["mem_limit"].endswith("m"), name
        assert service["pids_limit"] <= 512, name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name


def test_what_ends_by_itself_comes_back_and_what_hangs_is_seen(services: dict[str, Document]) -> None:
    for name, service in services.items():
        assert service["restart"] == ("no" if name in ONE_SHOTS else "unless-stopped"), name
        assert ("healthcheck" in service) == (name in COMPONENTS), name


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_sees_its_own_folder_and_its_own_secrets(services: dict[str, Document], name: str) -> None:
    folders = {
        "/var/lib/meton/secrets": (f"handed-out/{name}", True),
        f"/var/lib/meton/{name}": (name, False),
        "/var/lib/meton/tmp": (name, False),
        "/opt/keycloak/conf": ("keycloak/conf", True),
    }
    found = mounts(services[name])
    assert found.items() <= folders.items()
    named = any("/var/lib/meton/secrets/" in str(value) for value in services[name]["environment"].values())
    assert not named or "/var/lib/meton/secrets" in found


def test_no_secret_stands_in_the_file(compose: Document, services: dict[str, Document]) -> None:
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            secret = any(word in name for word in ("PASSWORD", "SECRET", "TOKEN", "SIGNING_KEY", "CURSOR_KEY"))
            assert not secret or (name.endswith("_FILE") and value.startswith("/var/lib/meton/secrets/"))
    assert set(compose["volumes"]) == {"state"}
