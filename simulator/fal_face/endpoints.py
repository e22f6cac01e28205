"""What the simulated fal endpoints take and cost, as the models' own pages say."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.jsons import Json, as_str


@dataclass(frozen=True)
class Endpoint:
    """One path. `enums` are the legal values of a field, `urls` the fields that must hold pictures; prices are nano-USD per second."""

    enums: dict[str, tuple[object, ...]]
    on: int
    off: int
    needs: tuple[str, ...] = ("prompt",)
    urls: tuple[str, ...] = ()
    others: tuple[str, ...] = ("negative_prompt", "seed")
    dearer: dict[str, tuple[int, int]] = field(default_factory=dict)

    def fields(self) -> set[str]:
        """Return the names of all fields."""
        return {"prompt", *self.enums, *self.urls, *self.others}

    def price(self, given: Json) -> int:
        """Return the nano-USD per second of a request."""
        on, off = self.dearer.get(as_str(given.get("resolution")), (self.on, self.off))
        return off if given.get("generate_audio") is False else on


_VEO: dict[str, tuple[object, ...]] = {
    "aspect_ratio": ("16:9", "9:16"),
    "duration": ("4s", "6s", "8s"),
    "resolution": ("720p", "1080p", "4k"),
    "generate_audio": (True, False),
}
_VEO_IMAGE: dict[str, tuple[object, ...]] = _VEO | {"aspect_ratio": ("auto", "16:9", "9:16")}
_VEO_LIKE: dict[str, tuple[object, ...]] = _VEO | {"duration": ("8s",)}
_KLING: dict[str, tuple[object, ...]] = {
    "duration": tuple(str(s) for s in range(3, 16)),
    "generate_audio": (True, False),
}
_SEEDANCE: dict[str, tuple[object, ...]] = {
    "aspect_ratio": ("auto", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"),
    "duration": ("auto", *(str(s) for s in range(4, 16))),
    "resolution": ("480p", "720p"),
    "generate_audio": (True, False),
}


def _veo(root: str, on: int, off: int, dear: tuple[int, int]) -> dict[str, Endpoint]:
    first, both = ("image_url",), ("first_frame_url", "last_frame_url")
    four = {"4k": dear}
    return {
        root: Endpoint(_VEO, on, off, dearer=four),
        f"{root}/image-to-video": Endpoint(_VEO_IMAGE, on, off, ("prompt", *first), first, dearer=four),
        f"{root}/first-last-frame-to-video": Endpoint(_VEO_IMAGE, on, off, ("prompt", *both), both, dearer=four),
    }


_KLING_ROOT = "fal-ai/kling-video/v3/pro"
_SEEDANCE_ROOT = "bytedance/seedance-2.0"
ENDPOINTS: dict[str, Endpoint] = {
    **_veo("fal-ai/veo3.1", 400_000_000, 200_000_000, (600_000_000, 400_000_000)),
    **_veo("fal-ai/veo3.1/fast", 150_000_000, 100_000_000, (350_000_000, 300_000_000)),
    "fal-ai/veo3.1/reference-to-video": Endpoint(
        _VEO_LIKE,
        400_000_000,
        200_000_000,
        ("prompt", "image_urls"),
        ("image_urls",),
        ("auto_fix", "safety_tolerance"),
        {"4k": (600_000_000, 400_000_000)},
    ),
    f"{_KLING_ROOT}/text-to-video": Endpoint(
        _KLING | {"aspect_ratio": ("16:9", "9:16", "1:1")},
        336_000_000,
        224_000_000,
        others=("negative_prompt", "cfg_scale"),
    ),
    f"{_KLING_ROOT}/image-to-video": Endpoint(
        _KLING,
        336_000_000,
        224_000_000,
        ("start_image_url",),
        ("start_image_url", "end_image_url"),
        ("negative_prompt", "cfg_scale"),
    ),
    f"{_SEEDANCE_ROOT}/text-to-video": Endpoint(_SEEDANCE, 303_400_000, 303_400_000, others=("seed",)),
    f"{_SEEDANCE_ROOT}/image-to-video": Endpoint(
        _SEEDANCE, 303_400_000, 303_400_000, ("prompt", "image_url"), ("image_url", "end_image_url"), ("seed",)
    ),
    f"{_SEEDANCE_ROOT}/reference-to-video": Endpoint(
        _SEEDANCE, 303_400_000, 303_400_000, ("prompt", "image_urls"), ("image_urls",), ("seed",)
    ),
}
