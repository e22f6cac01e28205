"""Room for what is large: how many products a process has in its memory at once."""

from __future__ import annotations

import asyncio


class Place:
    """One place in a room, taken at most once and left once; without a room there is always place."""

    def __init__(self, room: asyncio.Semaphore | None) -> None:
        self._room = room
        self._taken = False

    async def take(self) -> None:
        """Returns once there is place; at once when it is taken already."""
        if self._room is not None and not self._taken:
            await self._room.acquire()
            self._taken = True

    async def take_now(self) -> bool:
        """Takes the place if there is one at once; returns whether it is taken."""
        if self._room is not None and not self._taken and self._room.locked():
            return False
        await self.take()
        return True

    def leave(self) -> None:
        """Gives the place to the next one."""
        if self._room is not None and self._taken:
            self._taken = False
            self._room.release()
