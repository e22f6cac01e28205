"""What a process does about its memory once it is put together."""

from __future__ import annotations

import gc

_YOUNG = 10_000


def settle() -> None:
    """Takes what the start has made out of the garbage collector's sight; called once, before the first request.

    Modules, routes, models and descriptors live as long as the process. Walking some 100,000 of them again and again stops
    everything for a tenth of a second each time. Young objects are looked at in larger lots: most of them die by themselves.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
