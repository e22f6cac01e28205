"""Seeding twice changes nothing, and what is seeded can be produced: every film waits for its picture, every picture for people."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from cli import seed

EXAMPLES = seed.examples()


class Gateway:
    """As much of the gateway as seeding needs."""

    def __init__(self) -> None:
        self.stored: dict[str, Any] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        drama = json.loads(request.content)["drama"]
        if not drama.get("title"):
            return httpx.Response(422, json={"message": "drama.title: Field required"})
        if drama["id"] in self.stored and request.headers.get("if-none-match") == "*":
            return httpx.Response(409, json={"reason": "drama_exists"})
        self.stored[drama["id"]] = drama
        return httpx.Response(201, json=drama)


def test_storing_twice_changes_nothing() -> None:
    gateway = Gateway()
    with httpx.Client(base_url="http://gateway", transport=httpx.MockTransport(gateway)) as http:
        assert [seed.store(http, text) for text in EXAMPLES.values()] == [True, True, True]
        assert set(gateway.stored) == set(EXAMPLES)
        changed = next(iter(gateway.stored.values()))
        changed["title"] = "Mine now"
        assert [seed.store(http, text) for text in EXAMPLES.values()] == [False, False, False]
        assert changed["title"] == "Mine now"
        with pytest.raises(httpx.HTTPStatusError, match=r"422 .*Field required"):
            seed.store(http, '{"id":"drama_bad"}')


@pytest.mark.parametrize("drama_id", EXAMPLES)
def test_pictures_come_before_films_and_nothing_is_made_yet(drama_id: str) -> None:
    drama = json.loads(EXAMPLES[drama_id])
    people = {character["id"] for character in drama["characters"]}
    scenes = [scene for episode in drama["episodes"] for scene in episode["scenes"]]
    assert len({scene["id"] for scene in scenes}) == len(scenes)
    for scene in scenes:
        picture, film = scene["assets"]
        assert (picture["kind"], film["kind"], film["duration"]) == ("image", "video", 10)
        assert set(picture["depends_on"]) <= people
        assert len(picture["depends_on"]) <= 3
        assert film["depends_on"] == [picture["id"]]
    # A URL would lead into somebody else's house.
    assert "http" not in EXAMPLES[drama_id]
