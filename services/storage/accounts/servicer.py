"""AccountService."""

from __future__ import annotations

from typing import Any

from kit.errors import NotFound
from services.storage.access import account
from services.storage.db import Database
from services.storage.ids import as_uuid
from services.storage.jobs.convert import stamp
from sfd.accounts.v1 import account_pb2, account_service_pb2, account_service_pb2_grpc


class AccountServicer(account_service_pb2_grpc.AccountServiceServicer):
    """Accounts: a caller sees its own only."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def GetAccount(
        self, request: account_service_pb2.GetAccountRequest, context: Any
    ) -> account_service_pb2.GetAccountResponse:
        """One account; another's looks as if it were not there."""
        mine = account()
        row = await self._db.row("SELECT id, public_id, display_name, created_at FROM accounts WHERE id = $1", mine)
        if row is None or (request.id and as_uuid(request.id) != mine and request.id != row["public_id"]):
            raise NotFound("Account not found", reason="account_not_found", field="id")
        return account_service_pb2.GetAccountResponse(
            account=account_pb2.Account(
                id=str(row["id"]),
                public_id=row["public_id"],
                display_name=row["display_name"],
                created_at=stamp(row["created_at"]),
            )
        )
