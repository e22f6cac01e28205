"""LiteLLM's proxy in an environment of its own, in front of one vendor; its master key is checked, no database is behind it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import yaml

from bench.edge.hops import KEY
from bench.edge.processes import Running, running
from kit.testing.house import free_port

_REQUIREMENTS = Path(__file__).resolve().parent.parent / "peers" / "gateway-requirements.txt"
_QUIET = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "PYTHONPATH": ""}


@asynccontextmanager
async def litellm(folder: Path, vendor: int) -> AsyncIterator[Running]:
    """Yields the proxy in front of the vendor at the port `vendor`."""
    peers = await asyncio.to_thread(_environment, folder / "peers")
    file, port = folder / "litellm.yaml", free_port()
    model = {"model": "openai/sora-2", "api_base": f"http://127.0.0.1:{vendor}/v1", "api_key": "sk-mock"}
    known = {"model_list": [{"model_name": "sora-2", "litellm_params": model}], "general_settings": {"master_key": KEY}}
    file.write_text(yaml.safe_dump(known), encoding="utf-8")
    command = [str(peers / "bin" / "litellm"), "--config", str(file), "--host", "127.0.0.1", "--port", str(port)]
    async with running(folder, "litellm", command, port, env=_QUIET) as made:
        yield made


def _environment(folder: Path) -> Path:
    """Returns the peers' own environment, made when it is not there."""
    if not (folder / "bin" / "litellm").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "-r", str(_REQUIREMENTS)]
        subprocess.run(pip, check=True)
    return folder
