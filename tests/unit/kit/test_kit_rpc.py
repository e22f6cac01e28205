"""Around every RPC: errors both ways, who calls, how long it takes, and nothing of our inside gets out."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator
from typing import Any, cast

import grpc
import jwt
import pytest

from kit import errors
from kit.context import Caller, Role, caller, remaining
from kit.identity import AUDIENCE, Signer
from kit.rpc.client import channel
from kit.rpc.server import Served, serve
from kit.rpc.status import code_of, from_proto, from_rpc_error, to_proto
from sfd.accounts.v1 import account_pb2, account_service_pb2_grpc
from sfd.accounts.v1 import account_service_pb2 as pb
from sfd.jobs.v1 import job_service_pb2 as jobs
from sfd.jobs.v1 import job_service_pb2_grpc

SECRET = "unit-" + "s" * 40
WHO = Caller("00000000-0000-7000-8000-000000000001", Role.ACCOUNT)
KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.SfdError) and kind is not errors.SfdError
]
GET = "/sfd.accounts.v1.AccountService/GetAccount"


class Accounts(account_service_pb2_grpc.AccountServiceServicer):
    """Does what the id of the request says."""

    async def GetAccount(self, request: pb.GetAccountRequest, context: Any) -> pb.GetAccountResponse:
        match request.id:
            case "bug":
                raise RuntimeError("the password is hunter2")
            case "slow":
                await asyncio.sleep(30)
            case "refuse":
                raise errors.Conflict("Moved.", reason="moved", field="id", retryable=True, charged=True)
        who = caller()
        assert who is not None
        assert remaining(1000) <= 30
        return pb.GetAccountResponse(account=account_pb2.Account(id=who.account_id))


class Jobs(job_service_pb2_grpc.JobServiceServicer):
    """Leases nothing."""

    async def LeaseJobs(self, request: jobs.LeaseJobsRequest, context: Any) -> jobs.LeaseJobsResponse:
        return jobs.LeaseJobsResponse()


@pytest.fixture(scope="module")
async def address() -> AsyncIterator[str]:
    served = [
        Served(
            pb.DESCRIPTOR.services_by_name["AccountService"],
            lambda server: account_service_pb2_grpc.add_AccountServiceServicer_to_server(Accounts(), server),
        ),
        Served(
            jobs.DESCRIPTOR.services_by_name["JobService"],
            lambda server: job_service_pb2_grpc.add_JobServiceServicer_to_server(cast("Any", Jobs)(), server),
        ),
    ]
    async with serve("127.0.0.1:0", served, Signer(SECRET)) as port:
        yield f"127.0.0.1:{port}"


@pytest.fixture
async def mine(address: str) -> AsyncIterator[grpc.aio.Channel]:
    async with channel(address, Signer(SECRET), default=WHO) as opened:
        yield opened


async def plain(address: str, raw: bytes = b"", **metadata: str) -> errors.SfdError | None:
    """Returns the error of a call with exactly this metadata, or None for an answer."""
    async with grpc.aio.insecure_channel(address) as opened:
        call = opened.unary_unary(GET, request_serializer=bytes, response_deserializer=bytes)
        try:
            await call(raw, metadata=tuple(metadata.items()), timeout=5)
        except grpc.aio.AioRpcError as error:
            return from_rpc_error(error)
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_survives_the_wire(kind: type[errors.SfdError]) -> None:
    error = kind("Why.", reason="word", field="a.b", retryable=True, charged=True, request_id="r")
    again = from_proto(to_proto(error), code_of(error))
    assert type(again) is kind
    assert vars(again) == vars(error)


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [code_of(kind("x")) for kind in KINDS]
    assert len(set(codes)) == len(codes)
    assert not {grpc.StatusCode.UNKNOWN, grpc.StatusCode.OK} & set(codes)


def test_long_texts_are_cut_to_fit_a_trailer() -> None:
    assert to_proto(errors.InvalidInput("x" * 9000, field="y" * 9000)).ByteSize() < 4096


async def test_a_refusal_arrives_whole(mine: grpc.aio.Channel) -> None:
    with pytest.raises(errors.Conflict) as caught:
        await account_service_pb2_grpc.AccountServiceStub(mine).GetAccount(pb.GetAccountRequest(id="refuse"))
    error = caught.value
    assert (error.reason, error.field, error.retryable, error.charged) == ("moved", "id", True, True)
    assert error.request_id


async def test_a_bug_does_not_tell_its_text(mine: grpc.aio.Channel) -> None:
    with pytest.raises(errors.Internal) as caught:
        await account_service_pb2_grpc.AccountServiceStub(mine).GetAccount(pb.GetAccountRequest(id="bug"))
    assert "hunter2" not in caught.value.message


async def test_a_deadline_ends_the_work(mine: grpc.aio.Channel) -> None:
    began = time.monotonic()
    with pytest.raises(errors.DeadlineExceeded):
        await account_service_pb2_grpc.AccountServiceStub(mine).GetAccount(pb.GetAccountRequest(id="slow"), timeout=0.3)
    assert time.monotonic() - began < 2


async def test_the_role_of_the_method_is_asked_for(mine: grpc.aio.Channel) -> None:
    with pytest.raises(errors.PermissionDenied):
        await job_service_pb2_grpc.JobServiceStub(mine).LeaseJobs(jobs.LeaseJobsRequest())


async def test_a_malformed_message_is_the_callers_fault(address: str) -> None:
    token = Signer(SECRET).mint(WHO)
    error = await plain(address, b"\xff\xff\xff", authorization=f"Bearer {token}")
    assert isinstance(error, errors.InvalidInput)
    assert error.reason == "malformed_message"


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"sub": WHO.account_id, "role": "account", "aud": AUDIENCE, "iat": now, "exp": now + 60, **changed}


def signed(secret: str = SECRET, algorithm: str = "HS256", **changed: Any) -> str:
    return jwt.encode({k: v for k, v in claims(**changed).items() if v is not None}, secret, algorithm=algorithm)


BAD_TOKENS = {
    "none at all": "",
    "not a token": "abc",
    "expired": signed(exp=int(time.time()) - 1),
    "another house": signed("other-" + "x" * 40),
    "another audience": signed(aud="else"),
    "no end": signed(exp=None),
    "nobody": signed(sub=None),
    "no role": signed(role=None),
    "a role that is not": signed(role="root"),
    "unsigned": jwt.encode(claims(), "", algorithm="none"),
    "another algorithm": signed("x" * 64, "HS512"),
    "tampered": signed()[:-4] + "AAAA",
    "oversized": signed(extra="x" * 5000),
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
async def test_a_bad_token_is_nobody(address: str, token: str) -> None:
    error = await plain(address, authorization=f"Bearer {token}")
    assert isinstance(error, errors.Unauthenticated)
    with pytest.raises(errors.Unauthenticated):
        Signer(SECRET).verify(token)


async def test_no_token_at_all_is_nobody_and_a_good_one_is_somebody(address: str) -> None:
    assert isinstance(await plain(address), errors.Unauthenticated)
    assert await plain(address, authorization=f"Bearer {signed()}") is None


def test_a_remembered_token_still_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    signer = Signer(SECRET)
    token = signer.mint(WHO, lifetime=60)
    assert signer.verify(token) == WHO
    late = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: late)
    assert signer.mint(WHO, lifetime=60) != token
    monkeypatch.undo()


def test_a_short_secret_stops_the_start() -> None:
    with pytest.raises(ValueError, match="32"):
        Signer("short")


async def test_idle_sockets_do_not_hold_up_the_end() -> None:
    async with serve("127.0.0.1:0", [], Signer(SECRET)) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.1)
        began = time.monotonic()
    assert time.monotonic() - began < 2
    writer.close()
