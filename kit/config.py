"""Settings that every service shares. Read once at start; a bad one stops the start with its name."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kit.egress.rules import Allowed


class Settings(BaseSettings):
    """What every process needs. Names of the environment variables are the aliases."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", populate_by_name=True, frozen=True
    )

    environment: str = Field("development", alias="ENVIRONMENT", pattern="^(development|test|production)$")
    log_level: str = Field("INFO", alias="SFD_LOG_LEVEL", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    internal_secret: SecretStr = Field(alias="SFD_INTERNAL_SECRET", min_length=32)
    nats_url: SecretStr = Field(SecretStr("nats://127.0.0.1:4222"), alias="NATS_URL")
    storage_addr: str = Field("127.0.0.1:50051", alias="SFD_STORAGE_ADDR")
    story_addr: str = Field("127.0.0.1:50052", alias="SFD_STORY_ADDR")
    imaging_addr: str = Field("127.0.0.1:50053", alias="SFD_IMAGING_ADDR")
    video_addr: str = Field("127.0.0.1:50054", alias="SFD_VIDEO_ADDR")
    home: Path = Field(Path(".sfd"), alias="SFD_HOME")
    work_dir: Path = Field(Path(".sfd/dev/work"), alias="SFD_WORK_DIR")
    trace_file: str = Field("", alias="SFD_TRACE_FILE")
    metrics_port: int = Field(0, alias="SFD_METRICS_PORT", ge=0, le=65535)
    reflection: bool = Field(True, alias="SFD_REFLECTION")
    heartbeat_seconds: float = Field(15.0, alias="SFD_HEARTBEAT_SECONDS", ge=0.2, le=60)
    max_retries: int = Field(2, alias="MAX_RETRIES", ge=0, le=10)


class EgressSettings(Settings):
    """For processes that send requests to URLs that users give."""

    egress_allow: str = Field("", alias="SFD_EGRESS_ALLOW")

    @field_validator("egress_allow")
    @classmethod
    def _hosts_and_networks(cls, value: str) -> str:
        Allowed.parse(value)
        return value

    @property
    def allowed(self) -> Allowed:
        """The hosts and networks that the operator lets through."""
        return Allowed.parse(self.egress_allow)


S = TypeVar("S", bound=BaseSettings)


def load(kind: type[S]) -> S:
    """Returns the settings of `kind` from the environment and `.env`; ends the process with the names of bad ones."""
    try:
        return kind()
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            sys.stderr.write(f"setting {'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}\n")
        raise SystemExit(2) from None
