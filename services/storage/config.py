"""Settings of storage."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator

from kit.config import Settings
from services.storage.db import async_url


class StorageSettings(Settings):
    """Database, bucket and what its URLs look like from outside."""

    address: str = Field("127.0.0.1:50051", alias="SFD_STORAGE_ADDR")
    database_url: SecretStr = Field(alias="DATABASE_URL")
    pool_size: int = Field(16, alias="SFD_DB_POOL", ge=2, le=200)
    r2_account_id: str = Field("", alias="R2_ACCOUNT_ID")
    r2_endpoint_url: str = Field("", alias="R2_ENDPOINT_URL")
    r2_public_endpoint_url: str = Field("", alias="SFD_S3_PUBLIC_ENDPOINT")
    r2_access_key_id: SecretStr = Field(SecretStr(""), alias="R2_ACCESS_KEY_ID")
    r2_secret_access_key: SecretStr = Field(SecretStr(""), alias="R2_SECRET_ACCESS_KEY")
    r2_bucket: str = Field("sfd-production", alias="R2_BUCKET")
    r2_region: str = Field("auto", alias="SFD_S3_REGION")
    r2_public_url: str = Field("", alias="R2_PUBLIC_URL")
    public_url: str = Field("http://127.0.0.1:8000", alias="SFD_PUBLIC_URL")

    @field_validator("database_url")
    @classmethod
    def _postgres(cls, value: SecretStr) -> SecretStr:
        async_url(value.get_secret_value())
        return value

    def endpoint(self) -> str:
        """Returns the bucket's endpoint as this process reaches it."""
        return self.r2_endpoint_url or f"https://{self.r2_account_id}.r2.cloudflarestorage.com"
