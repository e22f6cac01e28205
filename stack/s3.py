"""The embedded S3 store (SeaweedFS in one process): the bytes of pictures, sounds and films."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import hmac
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from stack import binaries
from stack.process import Command
from stack.server import http_status, secret_file, server_env, write_private

DEFAULT_BUCKET = "sfd-production"
PORT_NAMES = (
    "s3",
    "s3.grpc",
    "master",
    "master.grpc",
    "volume",
    "volume.grpc",
    "filer",
    "filer.grpc",
    "admin",
    "admin.grpc",
)


@dataclass(frozen=True)
class S3Access:
    """What a client needs to reach the store."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str
    region: str = "us-east-1"


class S3:
    """One store in `folder`; `ports` has a port for each of PORT_NAMES. Everything listens on 127.0.0.1 only, because
    the filer beneath the S3 face serves every object without asking who wants it."""

    name = "s3"

    def __init__(self, folder: Path, ports: dict[str, int], *, bucket: str = DEFAULT_BUCKET) -> None:
        self.folder = folder.absolute()
        self.ports = ports
        self.bucket = bucket

    @property
    def port(self) -> int:
        """The port of the S3 face."""
        return self.ports["s3"]

    @property
    def access(self) -> S3Access:
        """Endpoint, credentials and bucket."""
        secret = secret_file(self.folder / "secret")
        return S3Access(f"http://127.0.0.1:{self.port}", f"sfd{secret[:13]}", secret, self.bucket)

    def prepare(self) -> None:
        """Write the credentials file and make the data folder."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        access = self.access
        identity = {
            "name": "sfd",
            "credentials": [{"accessKey": access.access_key, "secretKey": access.secret_key}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        write_private(self.folder / "identities.json", json.dumps({"identities": [identity]}))
        # Options remembered from the last start would win over ours.
        (self.folder / "data" / "mini.options").unlink(missing_ok=True)

    def command(self) -> Command:
        """The whole store in one foreground process; the bucket is made at the first start.

        A killed store loses nothing that it answered for (its writes are in the kernel then), so a stop waits little.
        """
        numbers = {
            f"-{face}.port{'.grpc' if grpc else ''}": self.ports[f"{face}.grpc" if grpc else face]
            for face in ("s3", "master", "volume", "filer", "admin")
            for grpc in (False, True)
        }
        options = {
            "-dir": self.folder / "data",
            "-ip": "127.0.0.1",
            "-ip.bind": "127.0.0.1",
            "-s3.config": self.folder / "identities.json",
            "-s3.port.iceberg": 0,
            "-s3.port.lance": 0,
            "-bucket": self.bucket,
            "-admin.ui": "false",
            "-webdav": "false",
            "-master.telemetry": "false",  # on by default: it would report to its makers
            "-volume.preStopSeconds": 0,
            **numbers,
        }
        words = [f"{name}={value}" for name, value in options.items()]
        return Command((str(binaries.weed()), "-logtostderr", "mini", *words), env=server_env(), grace_s=2.0)

    def ready(self, pid: int) -> bool:
        """Whether the bucket is there for the owner of the credentials."""
        del pid
        return http_status(self.port, "HEAD", f"/{self.bucket}", _signed(self.access, f"/{self.bucket}")) == 200

    def clean(self) -> None:
        """Remove the sockets that it leaves in the temporary folder."""
        for face in ("s3", "master", "volume", "filer", "admin"):
            for label, port in ((face, self.ports[face]), (f"{face}-grpc", self.ports[f"{face}.grpc"])):
                with contextlib.suppress(OSError):
                    (Path(tempfile.gettempdir()) / f"seaweedfs-{label}-{port}.sock").unlink()


def _signed(access: S3Access, path: str) -> dict[str, str]:
    """Headers of an AWS Signature Version 4 for a HEAD without body (the scheme is in Amazon's S3 API reference)."""
    host = access.endpoint.removeprefix("http://")
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{access.region}/s3/aws4_request"
    payload = hashlib.sha256(b"").hexdigest()
    names = "host;x-amz-content-sha256;x-amz-date"
    canonical = f"HEAD\n{path}\n\nhost:{host}\nx-amz-content-sha256:{payload}\nx-amz-date:{stamp}\n\n{names}\n{payload}"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{access.secret_key}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    credential = f"Credential={access.access_key}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
    return {
        "Host": host,
        "x-amz-content-sha256": payload,
        "x-amz-date": stamp,
        "Authorization": f"AWS4-HMAC-SHA256 {credential}",
    }
