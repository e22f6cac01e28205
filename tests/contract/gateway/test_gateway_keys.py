"""Keys and providers of the media contract."""

from __future__ import annotations

import httpx
import pytest

from tests.contract.gateway.conftest import Running

SECRET = "sk-canary-0123456789-x7Qk"


async def make(api: httpx.AsyncClient, provider: str = "runway", secret: str = SECRET) -> httpx.Response:
    return await api.post("/v1/keys", json={"provider": provider, "api_key": secret})


async def test_a_key_lives_as_the_contract_has_it(api: httpx.AsyncClient, running: Running) -> None:
    made = await make(api)
    assert made.status_code == 200, made.text
    key = made.json()
    assert (key["id"], key["provider"], key["status"], key["key_preview"]) == (1, "runway", "active", "...x7Qk")
    assert set(key) == {"id", "provider", "status", "last_validated", "created_at", "key_preview"}
    await make(api, "openai")
    listed = await api.get("/v1/keys")
    assert [one["id"] for one in listed.json()] == [2, 1]
    assert SECRET not in made.text + listed.text
    assert (await api.post("/v1/keys/1/validate")).json() == {"valid": True, "status": "active"}
    running.media.said = "The host does not take this key."
    assert (await api.post("/v1/keys/1/validate")).json() == {
        "valid": False,
        "status": "invalid",
        "error": "The host does not take this key.",
    }
    gone = await api.delete("/v1/keys/1")
    assert (gone.status_code, gone.json()) == (200, {"message": "Key deleted successfully"})
    assert [one["id"] for one in (await api.get("/v1/keys")).json()] == [2]


@pytest.mark.parametrize("path", ["/v1/keys/9", "/v1/keys/nine", "/v1/keys/99999999999999999999", "/v1/keys/-1"])
async def test_a_key_that_is_not_there(api: httpx.AsyncClient, path: str) -> None:
    for answer in (await api.delete(path), await api.post(f"{path}/validate")):
        assert answer.status_code == 404
        told = answer.json()
        assert (told["detail"], told["request_id"]) == ("Key not found", answer.headers["x-request-id"])


async def test_refused_keys_and_providers(api: httpx.AsyncClient, running: Running) -> None:
    unknown = await make(api, "x")
    assert (unknown.status_code, unknown.json()["detail"]) == (400, "Unknown provider: x")
    running.media.said = "The host does not take this key."
    wrong = await make(api)
    assert wrong.status_code == 400
    assert wrong.json()["detail"] == "Failed to validate key: The host does not take this key."
    running.media.reason = "vendor_away"
    away = await make(api)
    assert (away.status_code, away.json()["detail"]) == (
        400,
        "Failed to validate key: The vendor cannot be asked now.",
    )
    assert SECRET not in wrong.text + away.text + unknown.text
    assert (await api.get("/v1/keys")).json() == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"provider": "openai"}, "api_key"),
        ({"api_key": SECRET}, "provider"),
        ({"provider": "openai", "api_key": ""}, "api_key"),
        ({"provider": 5, "api_key": SECRET}, "provider"),
        ({"provider": "openai", "api_key": SECRET * 200}, "api_key"),
    ],
)
async def test_bad_bodies_are_told_in_a_text(api: httpx.AsyncClient, body: dict[str, object], told: str) -> None:
    answer = await api.post("/v1/keys", json=body)
    assert answer.status_code == 422
    assert set(answer.json()) == {"detail", "reason", "field", "request_id"}
    assert answer.json()["detail"].startswith(f"{told}: ")
    assert SECRET not in answer.text


async def test_every_error_of_the_path_has_its_shape(api: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    answers = [
        await stranger.get("/v1/keys"),
        await api.get("/v1/nothing"),
        await api.put("/v1/keys", json={}),
        await api.post("/v1/keys", content=b"{", headers={"content-type": "application/json"}),
        await api.post("/v1/keys", content=b"x" * (2 << 20), headers={"content-type": "application/json"}),
    ]
    assert [one.status_code for one in answers] == [401, 404, 405, 400, 413]
    for one in answers:
        assert set(one.json()) == {"detail", "reason", "field", "request_id"}, one.text
        assert isinstance(one.json()["detail"], str)
    drama = await api.get("/dramas/nothing")
    assert {"detail", "error", "message", "reason"} <= set(drama.json())


async def test_providers_say_what_they_can_do(api: httpx.AsyncClient) -> None:
    await make(api)
    providers = {one["name"]: one for one in (await api.get("/v1/providers")).json()}
    assert {"local", "openai", "runway"} <= set(providers)
    runway = providers["runway"]
    assert (runway["display_name"], runway["has_key"], runway["key_status"]) == ("Runway", True, "active")
    assert {"gen4.5", "runway-gen3", "runway-gen4"} <= set(runway["models"])
    assert (providers["openai"]["has_key"], providers["openai"]["key_status"]) == (False, None)
    assert (providers["local"]["has_key"], providers["local"]["key_status"]) == (True, "active")
    features = providers["openai"]["features"]
    assert features["max_duration"] == 20
    assert features["available_aspect_ratios"][:3] == ["16:9", "9:16", "1:1"]
    assert (features["supports_seed"], features["supports_image_to_video"]) == (False, True)
    assert runway["features"]["supports_seed"] is True
