"""Runs one command with its life tied to the process that started it. Standard library only: run with `python -I -S`.

    launch.py PARENT_PID DEATH_SIGNAL IDENTITY COMMAND [ARGUMENT ...]

It asks the kernel for DEATH_SIGNAL when the parent dies, takes the identity and becomes the command by exec, so the
process id that the parent sees is the command's own. A launcher is used instead of `preexec_fn` because running Python
between fork and exec can deadlock in a parent that has threads (grpcio has). IDENTITY is `self`, `userns` (an ordinary
user inside a private user namespace: what lets root run Postgres without a second account) or `user:NAME`.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
NOBODY = 65534
EXIT_CANNOT_LAUNCH = 126


def enter_user_namespace() -> None:
    """Become an ordinary user of a new user namespace; files stay owned by the outer user. Raises OSError where forbidden."""
    uid, gid = os.getuid(), os.getgid()
    # Postgres wants to know its user's name, so the inner number is one that has a name on this machine.
    inner = next((entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0), NOBODY)
    libc = ctypes.CDLL(None, use_errno=True)  # os.unshare exists only from 3.12
    if libc.unshare(CLONE_NEWUSER) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"unshare(CLONE_NEWUSER): {os.strerror(code)}")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{inner} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")


def become_user(name: str) -> None:
    """Give up root for the named account. Raises KeyError when there is none, OSError when not permitted."""
    entry = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def die_with_parent(parent: int, signal_number: int) -> None:
    """Have the kernel send the signal when the parent dies; exits when the parent is dead already."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl(PR_SET_PDEATHSIG): {os.strerror(code)}")
    if os.getppid() != parent:
        sys.exit(EXIT_CANNOT_LAUNCH)


def main(arguments: list[str]) -> None:
    """Take the identity, tie the life and exec; exits with 126 and one line on stderr when that is not possible."""
    parent, death_signal, identity, *command = arguments
    try:
        if identity == "userns":
            enter_user_namespace()
        elif identity.startswith("user:"):
            become_user(identity.removeprefix("user:"))
        # After the identity: a change of credentials clears the parent-death signal.
        if sys.platform == "linux":
            die_with_parent(int(parent), int(death_signal))
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted
    except (OSError, KeyError) as error:
        print(f"cannot launch {command[0]}: {error}", file=sys.stderr)
        sys.exit(EXIT_CANNOT_LAUNCH)


if __name__ == "__main__":
    main(sys.argv[1:])
