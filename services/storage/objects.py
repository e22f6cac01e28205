"""The bucket: presigned permissions, a look at an object, copies and removals. boto3 in threads.

SigV4 signs the host, so a URL for the outside is signed with the public endpoint and one for the house with the internal one.
"""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import boto3
import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from kit.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

    from services.storage.config import StorageSettings

log = structlog.get_logger("objects")
T = TypeVar("T")
_AGAIN_SECONDS = 1.0
UPLOAD_SECONDS = 3600
DOWNLOAD_SECONDS = 3600
LATE_CALLS = "(VALUES (interval '0'), (interval '2 minutes'))"
"""When to remove an object that a call under way may still write: at once, and when that call must be over (its timeouts add up to less)."""


@dataclass(frozen=True)
class Head:
    """What the bucket says of an object."""

    bytes: int
    content_type: str


class Objects:
    """One bucket."""

    def __init__(self, settings: StorageSettings) -> None:
        self._bucket = settings.r2_bucket
        self._client = _client(settings, settings.endpoint())
        public = settings.r2_public_endpoint_url
        self._public = _client(settings, public) if public else None

    async def ensure_bucket(self) -> None:
        """Makes the bucket when it is not there; raises `Unavailable`."""

        def make() -> None:
            try:
                self._client.head_bucket(Bucket=self._bucket)
            except ClientError as error:
                if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
                    raise
                self._client.create_bucket(Bucket=self._bucket)

        await self._call(make)

    async def await_bucket(self) -> None:
        """Returns once the bucket is there; asks again while it is away."""
        while True:
            try:
                await self.ensure_bucket()
                return
            except Unavailable:
                log.warning("bucket_away")
                await asyncio.sleep(_AGAIN_SECONDS)

    def sign_put(self, key: str, content_type: str, size: int, sha256: str) -> tuple[str, dict[str, str]]:
        """Returns a URL for one PUT of exactly these bytes, and the headers that must go with it."""
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        url = self._client.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ContentType": content_type,
                "ContentLength": size,
                "ChecksumSHA256": checksum,
            },
            ExpiresIn=UPLOAD_SECONDS,
        )
        headers = {"content-type": content_type, "content-length": str(size), "x-amz-checksum-sha256": checksum}
        return url, headers

    def sign_get(self, key: str, *, public: bool = False) -> str:
        """Returns a URL to read an object for an hour; empty when a public one is asked for and there is no public endpoint."""
        client = self._public if public else self._client
        if client is None:
            return ""
        return client.generate_presigned_url(
            "get_object", Params={"Bucket": self._bucket, "Key": key}, ExpiresIn=DOWNLOAD_SECONDS
        )

    async def head(self, key: str) -> Head | None:
        """Returns what the bucket says of an object, or None when it is not there; raises `Unavailable`."""

        def look() -> Head | None:
            try:
                answer = self._client.head_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                    return None
                raise
            return Head(answer["ContentLength"], answer["ContentType"])

        return await self._call(look)

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """Writes a small object; raises `Unavailable`."""
        await self._call(
            lambda: self._client.put_object(Bucket=self._bucket, Key=key, Body=data, ContentType=content_type)
        )

    async def copy(self, source: str, target: str, content_type: str) -> None:
        """Copies inside the bucket; does nothing when the source is gone; raises `Unavailable`."""

        def copy() -> None:
            try:
                self._client.copy_object(
                    Bucket=self._bucket,
                    Key=target,
                    CopySource={"Bucket": self._bucket, "Key": source},
                    ContentType=content_type,
                    MetadataDirective="REPLACE",
                )
            except ClientError as error:
                if error.response["Error"]["Code"] not in ("404", "NoSuchKey"):
                    raise

        await self._call(copy)

    async def remove(self, keys: list[str]) -> set[str]:
        """Removes objects and returns the keys that the bucket could not remove; those that are not there are no error.

        Raises `Unavailable`.
        """
        answer = await self._call(
            lambda: self._client.delete_objects(
                Bucket=self._bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
            )
        )
        # The bucket answers 200 for the whole and tells of each that failed.
        failed = {error["Key"]: error.get("Code", "") for error in answer.get("Errors", ()) if "Key" in error}
        if failed:
            log.warning("objects_stay", count=len(failed), codes=sorted(set(failed.values())))
        return set(failed)

    async def _call(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except (BotoCoreError, ClientError, OSError) as error:
            raise Unavailable("The bucket is away. Try again.", reason="bucket_away") from error


def _client(settings: StorageSettings, endpoint: str) -> S3Client:
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=settings.r2_access_key_id.get_secret_value(),
        aws_secret_access_key=settings.r2_secret_access_key.get_secret_value(),
        region_name=settings.r2_region,
        config=Config(
            signature_version="s3v4",
            connect_timeout=3,
            read_timeout=15,
            retries={"max_attempts": 2, "mode": "standard"},
            max_pool_connections=16,
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
