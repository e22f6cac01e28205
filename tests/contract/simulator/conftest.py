"""One simulator for all contract tests of this folder; each test begins with an empty ledger and no faults."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google import genai
from google.genai import types
from openai import OpenAI

from simulator.testing import RunningSimulator


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator


@pytest.fixture
def sim(running: RunningSimulator) -> RunningSimulator:
    running.reset()
    return running


@pytest.fixture
def openai_client(sim: RunningSimulator) -> Iterator[OpenAI]:
    with OpenAI(api_key="sk-test-1", base_url=sim.openai_base, max_retries=0, timeout=10) as client:
        yield client


@pytest.fixture
def gemini_client(sim: RunningSimulator) -> Iterator[genai.Client]:
    client = genai.Client(api_key="g-test-1", http_options=types.HttpOptions(base_url=sim.gemini_base, timeout=10_000))
    yield client
    client.close()
