"""Whose rows a call may touch."""

from __future__ import annotations

import uuid

from kit.context import caller
from kit.errors import Unauthenticated


def account() -> uuid.UUID:
    """Returns the caller's account; raises `Unauthenticated` outside of a call."""
    who = caller()
    if who is None:
        raise Unauthenticated("Nobody is known.")
    return uuid.UUID(who.account_id)
