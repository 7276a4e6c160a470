"""Keycloak's files: only the pinned ones are used, and no installation writes into what all share."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from stack import keycloak_distribution as distribution
from stack.components import keycloak
from stack.installation import Installation
from stack.trouble import Trouble


def say(_line: str) -> None:
    """Nobody listens."""


def held(runtime: Path) -> list[str]:
    """What stands there, the lock aside."""
    return sorted(entry.name for entry in runtime.iterdir() if entry.name != "lock")


class OtherFiles(BaseHTTPRequestHandler):
    """A repository that has everything, but not what was asked for."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Answer with the same few bytes, whatever the path."""
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "12")
        self.end_headers()
        self.wfile.write(b"not Keycloak")

    def log_message(self, format: str, *words: object) -> None:  # noqa: A002 (its name there)
        """A test's output is not the place."""


@pytest.fixture
def other_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Downloads come from such a repository; gives the paths that were asked for."""
    OtherFiles.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), OtherFiles) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(distribution, "REPOSITORIES", {"here": f"http://127.0.0.1:{server.server_port}"})
        yield OtherFiles.asked
        server.shutdown()
        thread.join()


def test_a_download_that_is_not_the_pinned_one_is_deleted(tmp_path: Path, other_files: list[str]) -> None:
    with pytest.raises(Trouble, match="not what Meton pins"):
        distribution.install(tmp_path, say)
    assert other_files[0].endswith(f"/keycloak-quarkus-dist-{distribution.VERSION}.zip")
    assert held(tmp_path) == []


def test_a_kept_file_that_went_bad_is_fetched_again(tmp_path: Path, other_files: list[str]) -> None:
    (tmp_path / f"keycloak-{distribution.VERSION}.zip").write_bytes(b"half of it")
    with pytest.raises(Trouble, match="not what Meton pins"):
        distribution.install(tmp_path, say)
    assert other_files
    assert held(tmp_path) == []


def test_what_a_killed_one_left_is_cleared_away(tmp_path: Path, other_files: list[str]) -> None:
    (tmp_path / "unfinished-abc/org").mkdir(parents=True)
    with pytest.raises(Trouble):
        distribution.install(tmp_path, say)
    assert held(tmp_path) == []


def test_without_a_network_it_says_so_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(distribution, "REPOSITORIES", {"away": "http://127.0.0.1:9"})  # nothing listens there
    with pytest.raises(Trouble, match="could not be downloaded") as trouble:
        distribution.install(tmp_path, say)
    assert "run the same command again" in trouble.value.advice
    assert held(tmp_path) == []


def test_the_progress_tells_each_percent_once() -> None:
    lines: list[str] = []
    with distribution.progress(lines.append)("keycloak.zip", 200_000_000) as more:
        for _ in range(1000):
            more(200_000)
    assert len(lines) == 100
    assert lines[-1].endswith("100 % of 200 MB")


def test_an_installed_keycloak_is_not_touched_again(installation: Installation) -> None:
    lines: list[str] = []
    home = distribution.built_home(installation.runtime)
    before = home.stat().st_mtime_ns
    distribution.install(installation.runtime, lines.append)
    assert lines == []
    assert home.stat().st_mtime_ns == before


def test_other_build_options_are_another_folder(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    before = distribution.built_home(installation.runtime)
    monkeypatch.setattr(distribution, "BUILD_OPTIONS", (*distribution.BUILD_OPTIONS, "--features=docker"))
    assert distribution.built_home(installation.runtime) != before


def test_what_an_installation_writes_is_in_its_own_folder(installation: Installation) -> None:
    home = installation.folder("keycloak")
    assert (home / "lib").readlink() == distribution.built_home(installation.runtime) / "lib"
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "conf/keycloak.conf").stat().st_mode & 0o777 == 0o600
    assert f"-Djava.io.tmpdir={home / 'tmp'}" in keycloak.command(installation)


def test_no_secret_is_in_the_command(installation: Installation) -> None:
    command = " ".join(keycloak.command(installation))
    assert installation.secret("db_keycloak") not in command
    assert "password" not in command
