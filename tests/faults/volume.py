"""A disk whose power a test can cut: an ext4 image on a loop device. Needs root."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXT4_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2
"""What the journal had not written is gone, as when the power goes."""
SIZE = 2 << 30


class Volume:
    """A mounted file system of its own."""

    def __init__(self, folder: Path) -> None:
        self.image = folder / "disk.img"
        self.path = folder / "disk"

    def make(self) -> None:
        """Makes the image and mounts it; raises RuntimeError with the reason when this machine cannot."""
        self.path.mkdir(parents=True)
        with self.image.open("wb") as image:
            image.truncate(SIZE)
        _run("mkfs.ext4", "-q", "-F", str(self.image))
        self.mount()

    def mount(self) -> None:
        """Mounts it; the journal is replayed as after a power cut."""
        _run("mount", "-o", "loop", str(self.image), str(self.path))

    def cut(self) -> None:
        """Cuts the power: nothing reaches the disk any more, and nothing of what was on its way."""
        where = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(where, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(where)

    def unmount(self, seconds: float = 20.0) -> None:
        """Unmounts it; processes that just died may hold it for a moment."""
        ends = time.monotonic() + seconds
        while True:
            try:
                _run("umount", str(self.path))
                return
            except RuntimeError:
                if time.monotonic() > ends:
                    raise
                time.sleep(0.2)


@contextmanager
def volume(folder: Path) -> Iterator[Volume]:
    """Yields a mounted volume; raises RuntimeError when this machine cannot have one."""
    if os.geteuid() != 0:
        raise RuntimeError("a power cut needs root: it mounts a loop device")
    made = Volume(folder)
    made.make()
    try:
        yield made
    finally:
        if made.path.is_mount():
            made.unmount()


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{words[0]} failed: {done.stderr.strip()}")
