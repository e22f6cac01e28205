"""The embedded servers answer for real, keep what they were given over a kill, and leave nothing behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import asyncpg
import boto3
import nats
import nats.errors
import pytest
from botocore.exceptions import ClientError

from stack import procs
from stack.servers import ServerFailedError, Servers

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with Servers(tmp_path_factory.mktemp("servers")) as running:
        yield running


def s3_client(servers: Servers, secret: str | None = None) -> S3Client:
    access = servers.s3
    return boto3.client(
        "s3",
        endpoint_url=access.endpoint,
        aws_access_key_id=access.access_key,
        aws_secret_access_key=secret or access.secret_key,
        region_name=access.region,
    )


async def test_postgres_commits_survive_a_kill(servers: Servers) -> None:
    connection = await asyncpg.connect(servers.postgres_dsn)
    await connection.execute("CREATE TABLE kept (word text)")
    await connection.execute("INSERT INTO kept VALUES ('金魚')")
    settings = ("fsync", "synchronous_commit", "shared_buffers", "max_connections", "server_encoding", "TimeZone")
    values = [await connection.fetchval(f"SHOW {name}") for name in settings]
    assert values == ["on", "on", "128MB", "200", "UTF8", "UTC"]
    servers.kill9("postgres")
    servers.restart("postgres")
    again = await asyncpg.connect(servers.postgres_dsn)
    assert await again.fetchval("SELECT word FROM kept") == "金魚"
    await again.close()
    connection.terminate()


async def test_postgres_refuses_a_wrong_password(servers: Servers) -> None:
    password = urlsplit(servers.postgres_dsn).password
    assert password
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(servers.postgres_dsn.replace(password, "wrong"))


async def test_nats_keeps_an_acknowledged_message_over_a_kill(servers: Servers) -> None:
    client = await nats.connect(servers.nats_url)
    stream = client.jetstream()
    await stream.add_stream(name="events", subjects=["events.>"])
    await stream.publish("events.a", b"one")
    await client.close()
    servers.kill9("nats")
    servers.restart("nats")
    client = await nats.connect(servers.nats_url)
    assert (await client.jetstream().stream_info("events")).state.messages == 1
    await client.close()
    assert any(servers.jetstream_dir.iterdir())


async def test_nats_refuses_a_client_without_credentials(servers: Servers) -> None:
    host = servers.nats_url.rpartition("@")[2]

    async def quiet(error: Exception) -> None:
        del error

    with pytest.raises(nats.errors.Error):
        await nats.connect(f"nats://{host}", allow_reconnect=False, error_cb=quiet)


def test_s3_keeps_an_object_over_a_kill(servers: Servers) -> None:
    bucket = servers.s3.bucket
    client = s3_client(servers)
    client.put_object(Bucket=bucket, Key="a/b.txt", Body=b"bytes", ContentType="text/plain")
    servers.kill9("s3")
    servers.restart("s3")
    found = client.get_object(Bucket=bucket, Key="a/b.txt", Range="bytes=1-3")
    assert found["Body"].read() == b"yte"
    assert found["ContentType"] == "text/plain"


def test_s3_refuses_a_wrong_secret(servers: Servers) -> None:
    with pytest.raises(ClientError, match=r"SignatureDoesNotMatch|403"):
        s3_client(servers, "wrong").list_objects_v2(Bucket=servers.s3.bucket)


def test_everything_listens_on_loopback_only(servers: Servers) -> None:
    mine = {
        pid for name in ("postgres", "nats", "s3") for pid in (servers.pid(name), *procs.descendants(servers.pid(name)))
    }
    inodes = set()
    for pid in mine:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            inodes.add(os.readlink(entry))
    listening = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and f"socket:[{words[9]}]" in inodes:
                listening.add(words[1].split(":")[0])
    assert listening == {"0100007F"}


def test_a_kill_of_the_starter_leaves_no_server(tmp_path: Path) -> None:
    program = (
        "import sys, time; from stack.servers import Servers;"
        f"servers = Servers({str(tmp_path)!r}, s3=False).start();"
        "print(servers.pid('nats'), servers.pid('postgres'), flush=True); time.sleep(60)"
    )
    starter = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=Path.cwd())
    assert starter.stdout is not None
    pids = [int(word) for word in starter.stdout.readline().split()]
    assert len(pids) == 2
    starter.kill()
    starter.wait()
    starter.stdout.close()
    deadline = time.monotonic() + 5
    while any(procs.started_at(pid) is not None for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    servers = Servers(tmp_path, postgres=False, s3=False)
    servers.start()
    servers.stop()
    shutil.rmtree(servers.jetstream_dir)
    servers.jetstream_dir.write_text("in the way")
    with pytest.raises(ServerFailedError, match=r"(?s)nats ended with code.*not a directory"):
        servers.start()
