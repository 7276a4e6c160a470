"""Started by root: a system user of its own, the checkout's files where that user can reach them, and on as that user.

So all that follows runs unprivileged, and there is one way. Root only reads the checkout and hands its files through a
pipe; the user itself writes them, so nothing that user could have put there leads root astray.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

from stack.bootstrap import copying, interpreters
from stack.trouble import Trouble

# of root's environment only this goes on: how to print, and how to reach the network
KEPT = (
    "PATH",
    "LANG",
    "TERM",
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "COLORTERM",
    "CI",
    "TZ",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
)
KEPT_BEGINNINGS = ("LC_", "PIP_", "UV_", "SSL_CERT_", "METON_")
KEPT_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


def name_of(checkout: Path) -> str:
    """The system user of this folder: one installation a folder, so two never meet."""
    return f"meton-{hashlib.sha256(str(checkout).encode()).hexdigest()[:8]}"


def home_of(checkout: Path) -> Path:
    """Where that user lives."""
    return Path("/var/lib") / name_of(checkout)


def run_as_own_user(checkout: Path, arguments: list[str], command: str) -> int:
    """Make the user, hand the files over and become `meton` there; only `reset` returns, taking the user away too."""
    if not home_of(checkout).exists() and command in ("down", "reset"):
        print("Nothing is installed here yet. Start with: ./meton up")
        return 0
    refuse_foreign_state(checkout)
    user = _user(checkout)
    home = _home(checkout, user)
    target = home / "meton"
    python = interpreters.find(user.pw_uid, user.pw_gid)
    if python is None:
        raise Trouble(
            f"The system user {user.pw_name} can reach no Python ≥ 3.11 with venv and ensurepip (root's is private).",
            "Install one (Debian, Ubuntu: apt install python3 python3-venv), then run the same command again.",
        )
    copying.hand_over(checkout, target, lambda: _become(user))
    _point_to(checkout / ".meton", target / ".meton")
    words = [python, str(target / "meton"), *arguments]
    if command != "reset":
        _become(user)
        os.chdir(target)
        os.execve(python, words, environment(user))
    status = subprocess.run(
        words, cwd="/", env=environment(user), user=user.pw_uid, group=user.pw_gid, extra_groups=[], check=False
    ).returncode
    if status == 0 and not (target / ".meton" / "settings.json").exists():
        _take_away(checkout, user)
    return status


def refuse_foreign_state(checkout: Path) -> None:
    """Raise Trouble when the checkout's state was made by root and we are not, or the other way round."""
    state = checkout / ".meton"
    is_root = os.geteuid() == 0
    if is_root and state.is_dir() and not state.is_symlink():
        raise Trouble(
            f"This installation belongs to {state.owner()}, who made it without root.",
            f"Run the command as {state.owner()}; or, as that user, ./meton reset first.",
        )
    if not is_root and state.is_symlink():
        raise Trouble(
            "This installation was made by root.",
            "Run the command as root (sudo ./meton …), or use a clone of your own.",
        )


def environment(user: pwd.struct_passwd) -> dict[str, str]:
    """What the user's processes are given."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or name.startswith(KEPT_BEGINNINGS) or name.lower() in KEPT_PROXIES
    }
    return {**kept, "HOME": user.pw_dir, "USER": user.pw_name, "LOGNAME": user.pw_name}


def _user(checkout: Path) -> pwd.struct_passwd:
    name = name_of(checkout)
    try:
        return pwd.getpwnam(name)
    except KeyError:
        pass
    make = [
        "useradd",
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir",
        str(home_of(checkout)),
        "--shell",
        "/usr/sbin/nologin",
        name,
    ]
    try:
        done = subprocess.run(make, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Trouble(
            "The program useradd is missing.",
            "Install it (package passwd or shadow-utils), or run ./meton as an ordinary user.",
        ) from None
    if done.returncode:
        raise Trouble(
            f"useradd could not make the system user {name}: {done.stderr.strip()}",
            "Or run ./meton as an ordinary user.",
        )
    return pwd.getpwnam(name)


def _home(checkout: Path, user: pwd.struct_passwd) -> Path:
    home = home_of(checkout)
    if not home.exists():
        fresh = home.with_name(f"{home.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        os.chown(fresh, user.pw_uid, user.pw_gid)
        fresh.rename(home)
    if home.is_symlink() or home.stat().st_uid != user.pw_uid:
        raise Trouble(f"{home} does not belong to {user.pw_name}.", "Move it away, then run the same command again.")
    return home


def _become(user: pwd.struct_passwd) -> None:
    os.setgroups([])
    os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
    os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)


def _point_to(link: Path, state: Path) -> None:
    """Let people find the state from the checkout."""
    if not link.is_symlink() or link.readlink() != state:
        beside = link.with_name(".meton.new")
        beside.unlink(missing_ok=True)
        beside.symlink_to(state)
        beside.replace(link)


def _take_away(checkout: Path, user: pwd.struct_passwd) -> None:
    (checkout / ".meton").unlink(missing_ok=True)
    shutil.rmtree(home_of(checkout))
    subprocess.run(["userdel", user.pw_name], capture_output=True, check=False)
    print(f"The system user {user.pw_name} and {user.pw_dir} are gone too.", file=sys.stderr)
