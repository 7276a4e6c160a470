"""From a bare Python: what `./meton` says where it cannot go on, and how it heals."""

from __future__ import annotations

import ast
import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from stack.bootstrap import check_platform, copying, interpreters, owner, packages
from stack.installation import ROOT
from stack.trouble import Trouble

METON = ROOT / "meton"
AS_OLD = """
import runpy, sys
sys.version_info = (3, 8, 18, "final", 0)
sys.argv = ["meton", "up"]
runpy.run_path({path!r}, run_name="__main__")
"""


def test_the_command_parses_on_an_old_python() -> None:
    ast.parse(METON.read_text(), feature_version=(3, 8))


def test_an_old_python_without_a_newer_one_is_told_in_a_sentence() -> None:
    script = AS_OLD.format(path=str(METON))
    done = subprocess.run(
        [sys.executable, "-c", script], env={"PATH": "/nowhere"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Meton needs Python 3.11 or newer; this is Python 3.8")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "machine",
    [("darwin", "arm64", ""), ("linux", "aarch64", "glibc"), ("linux", "x86_64", "musl"), ("win32", "AMD64", "")],
)
def test_another_platform_is_pointed_to_the_images(machine: tuple[str, str, str]) -> None:
    with pytest.raises(Trouble, match="Linux x86-64 with glibc") as told:
        check_platform(*machine)
    assert "compose.yaml" in told.value.advice


def test_too_small_a_disk_is_told_before_anything_is_fetched() -> None:
    with pytest.raises(Trouble, match=r"has 1\.2 GB free; Meton needs 3\.5 GB"):
        packages.check_disk(1_200_000_000, Path("/srv"))


def test_no_network_ends_in_a_sentence_and_is_gone_on_from(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "stack", tmp_path / "stack", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(METON, tmp_path / "meton")
    private = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    unroutable = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull}
    ensure = (
        "import sys; from stack.bootstrap import packages, Path; packages.ensure(Path(sys.argv[1]), with_tests=False)"
    )
    done = subprocess.run(
        [sys.executable, "-c", ensure, str(tmp_path)],
        cwd=tmp_path,
        env=private | unroutable,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "The packages could not be installed" in done.stderr
    assert "it goes on where it stopped" in done.stderr
    assert packages.python_of(tmp_path).exists()
    assert not packages.is_current(tmp_path, with_tests=False)


def test_pips_settings_reach_uv_however_they_were_given() -> None:
    listed = "global.index-url='https://mirror.example/simple'\n:env:.find-links='/a\\n/b'\n:env:.retries='3'\n"
    assert packages.translate(listed) == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_FIND_LINKS": "/a /b",
    }


def test_no_lock_holds_an_index_address() -> None:
    for lock in (ROOT / "stack/locks").glob("*.lock"):
        lines = [line for line in lock.read_text().splitlines() if not line.lstrip().startswith("#")]
        assert any("--hash=sha256:" in line for line in lines)
        assert not [line for line in lines if "://" in line or "index" in line]


def test_an_interpreter_is_one_that_really_makes_environments() -> None:
    assert interpreters.usable(sys.executable)
    assert not interpreters.usable("/bin/true.not.there")
    assert not interpreters.usable("/bin/cat")


def test_two_checkouts_have_two_users() -> None:
    assert owner.name_of(Path("/srv/a")) != owner.name_of(Path("/srv/b"))
    assert len(owner.name_of(Path("/srv/a"))) == len("meton-12345678")


# --- handing the files over


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    source = tmp_path / "checkout"
    for name in ("meton", "stack/a.py", "docs/deep/page.md", ".git/config", ".venv/bin/python", "node_modules/x.js"):
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (source / "meton").chmod(0o755)
    (source / "latest").symlink_to("stack/a.py")
    return source


def hand_over(source: Path, target: Path) -> None:
    copying.hand_over(source, target, lambda: None)


def files(target: Path) -> set[str]:
    return {str(path.relative_to(target)) for path in copying.files_of(target)}


def test_the_checkouts_own_files_arrive_and_no_others(checkout: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    hand_over(checkout, target)
    assert files(target) == {"meton", "stack/a.py", "docs/deep/page.md", "latest"}
    assert not (target / ".git").exists()
    assert (target / "meton").stat().st_mode & 0o777 == 0o755
    assert (target / "latest").read_text() == "stack/a.py"


def test_what_is_gone_is_deleted_and_what_the_copy_made_itself_stays(checkout: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    hand_over(checkout, target)
    (target / ".meton/postgres/data/pg_notify").mkdir(parents=True)  # empty folders there matter
    shutil.rmtree(checkout / "docs")
    (checkout / "stack/a.py").write_text("new")
    hand_over(checkout, target)
    assert not (target / "docs").exists()
    assert (target / "stack/a.py").read_text() == "new"
    assert (target / ".meton/postgres/data/pg_notify").is_dir()


def test_files_that_did_not_change_are_not_written_again(checkout: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    hand_over(checkout, target)
    before = (target / "stack/a.py").stat()
    hand_over(checkout, target)
    assert (target / "stack/a.py").stat().st_ino == before.st_ino


def test_half_an_archive_deletes_nothing(checkout: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    hand_over(checkout, target)
    whole = io.BytesIO()
    copying.pack(checkout, whole)
    with pytest.raises((tarfile.TarError, OSError)):
        copying.unpack(io.BytesIO(whole.getvalue()[:1500]), target)
    assert "docs/deep/page.md" in files(target)


def test_a_folder_that_became_a_file_is_replaced(checkout: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    hand_over(checkout, target)
    shutil.rmtree(checkout / "docs")
    (checkout / "docs").write_text("now a file")
    hand_over(checkout, target)
    assert (target / "docs").read_text() == "now a file"
