"""A small drama to ask about, and the four places where assets live."""

from __future__ import annotations

from sfd.dramas.v1 import drama_pb2 as pb
from tests.contract.gateway.fakes import House

ASSET_OWNERS = (
    "/dramas/d",
    "/dramas/d/characters/mina",
    "/dramas/d/episodes/ep01",
    "/dramas/d/episodes/ep01/scenes/ep01_s01",
)


def a_drama(house: House) -> pb.Drama:
    """Puts a drama with two characters, two episodes and two scenes into the memory and returns it."""
    scenes = [
        pb.Scene(
            id=f"ep01_s0{number}",
            description="A pier.",
            assets=[
                pb.EntityAsset(
                    id=f"ep01_s0{number}_board", kind=pb.ASSET_KIND_IMAGE, depends_on=["mina"], prompt="A pier."
                ),
                pb.EntityAsset(
                    id=f"ep01_s0{number}_clip",
                    kind=pb.ASSET_KIND_VIDEO,
                    depends_on=["board"],
                    prompt="Go.",
                    duration=10,
                ),
                pb.EntityAsset(id=f"ep01_s0{number}_more", kind=pb.ASSET_KIND_IMAGE, prompt="A rope."),
            ],
        )
        for number in (1, 2)
    ]
    drama = pb.Drama(
        id="d",
        title="Night Ferry",
        description="…",
        premise="A ferry.",
        characters=[
            pb.Character(id="mina", name="Mina", description="A diver.", gender="female", voice_description="low"),
            pb.Character(id="ai", name="Ai", description="A voice.", gender="other", voice_description="even"),
        ],
        episodes=[
            pb.Episode(id="ep01", title="Boarding", description="…", scenes=scenes),
            pb.Episode(id="ep02", title="Landing", description="…"),
        ],
    )
    drama.characters[0].main = True
    house.stamp(drama)
    house.dramas["d"] = drama
    return drama
