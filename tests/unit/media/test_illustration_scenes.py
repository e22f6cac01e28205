"""Places, layers and faces: what the film maker relies on."""

from __future__ import annotations

import io
import pickle
from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from kit.media.illustration import EYES, MOUTHS, Face, SceneLayers, draw_storyboard, scene_layers
from kit.media.illustration.mood import air_of
from kit.media.illustration.settings import NAMES, PLACES, place_of
from kit.media.illustration.staging import actors_of
from kit.media.specs import CharacterSpec, LineSpec, SceneSpec

MARA = CharacterSpec("c1", "Mara", "the heiress, long black hair, red coat", "female", main=True)
ELIAS = CharacterSpec("c2", "Elias", "a lawyer with a beard", "male", main=True)
CAT = CharacterSpec("c3", "Miso", "a grey cat who talks", "other")


def scene(description: str = "night, a rooftop above the city", *cast: CharacterSpec, seed: int = 3) -> SceneSpec:
    cast = cast or (MARA, ELIAS)
    lines = tuple(LineSpec(member.id, "Why?", ("sad", "angry", "afraid")[at % 3]) for at, member in enumerate(cast))
    return SceneSpec("s1", description, "", cast, lines, seed=seed)


def pixels(data: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data)) as picture:
        return np.array(picture)


@lru_cache
def layers() -> SceneLayers:
    return scene_layers(scene(), width=270, height=480)


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("They meet on the rooftop at midnight", "rooftop"),
        ("深夜的医院病房里", "hospital"),
        ("비 내리는 골목길", "street"),
        ("在法庭上对峙", "courtroom"),
        ("여객선 갑판 위", "ferry"),
        ("Dawn over the harbour, a lighthouse", "harbour"),
        ("皇宫大殿前", "palace"),
        ("눈 덮인 기차역 승강장", "station"),
        ("INT. KITCHEN - DAY", "kitchen"),
        ("the bridge of the starship", "spaceship"),
        ("沙漠中的落日", "desert"),
        ("깊은 숲속", "forest"),
    ],
)
def test_a_place_is_found_in_three_languages(words: str, place: str) -> None:
    assert place_of(words, "", 0) == place


def test_the_description_decides_before_the_prompt_and_the_seed_last() -> None:
    assert place_of("a quiet office", "a forest", 0) == "office"
    assert place_of("They argue", "in a forest", 0) == "forest"
    assert place_of("They argue", "", 1) == place_of("They argue", "", 1)
    assert len({place_of("They argue", "", seed) for seed in range(9)}) > 2


@pytest.mark.parametrize(
    ("words", "time", "weather"),
    [
        ("a rainy night", "night", "rain"),
        ("黄昏，下着雪", "dusk", "snow"),
        ("안개 낀 새벽", "dawn", "fog"),
        ("a bright morning", "day", "clear"),
        ("nothing said", "dusk", "clear"),
    ],
)
def test_hour_and_weather(words: str, time: str, weather: str) -> None:
    air = air_of(words, "dusk")
    assert (air.time, air.weather) == (time, weather)


@pytest.mark.parametrize("place", NAMES)
def test_every_place_can_be_painted_at_any_hour(place: str) -> None:
    word = dict(PLACES)[place].split("|")[0]
    hour = ("rain at night", "day", "snow at dusk", "fog at dawn")[NAMES.index(place) % 4]
    picture = pixels(draw_storyboard(SceneSpec("s", f"{word}, {hour}", "", ()), width=108, height=192))
    assert picture.shape == (192, 108, 3)
    assert picture.std() > 12  # something is painted: not one flat colour


def test_there_are_many_places_and_they_differ() -> None:
    assert len(NAMES) >= 20
    names = ("office", "forest", "street", "sea")
    pictures = [
        pixels(draw_storyboard(SceneSpec("s", name, "", ()), width=108, height=192)).astype(int) for name in names
    ]
    for at, one in enumerate(pictures):
        assert all(np.abs(one - other).mean() > 8 for other in pictures[at + 1 :])


def test_the_same_scene_is_the_same_bytes_and_another_seed_is_not() -> None:
    first = scene_layers(scene(), width=270, height=480)
    assert first == layers()
    assert draw_storyboard(scene(), width=270, height=480) == draw_storyboard(scene(), width=270, height=480)
    assert draw_storyboard(scene(), width=270, height=480) != draw_storyboard(scene(), seed=5, width=270, height=480)


def test_layers_survive_the_way_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(layers())) == layers()


def test_layers_put_together_are_the_storyboard() -> None:
    parts = layers()
    back = pixels(parts.background)
    assert back.shape == (round(480 * 1.2), round(270 * 1.2), 3)
    top, left = (back.shape[0] - 480) // 2, (back.shape[1] - 270) // 2
    picture = Image.fromarray(back[top : top + 480, left : left + 270]).convert("RGBA")
    for actor in parts.actors:
        layer = Image.new("RGBA", picture.size)
        layer.paste(Image.open(io.BytesIO(actor.body)), (actor.x, actor.y))
        picture = Image.alpha_composite(picture, layer)
    assert parts.foreground
    picture = Image.alpha_composite(picture, Image.open(io.BytesIO(parts.foreground)))
    difference = np.abs(
        np.array(picture.convert("RGB")).astype(int)
        - pixels(draw_storyboard(scene(), width=270, height=480)).astype(int)
    )
    assert difference.max() <= 3


def test_geometry_lies_inside_the_frame() -> None:
    for parts in (
        layers(),
        scene_layers(scene("a cafe, close-up", MARA), width=270, height=480),
        scene_layers(scene("forest", MARA, ELIAS, CAT), width=270, height=480),
    ):
        for actor in parts.actors:
            body = pixels(actor.body)
            assert actor.x >= -0.1 * 270
            assert actor.x + body.shape[1] <= 1.1 * 270
            assert actor.y >= 0
            assert actor.y + body.shape[0] >= 480  # no cut edge floats above the frame's end
            sizes = {pixels(patch).shape for patch in actor.patches.values()}
            assert len(sizes) == 1
            height, width, channels = sizes.pop()
            assert channels == 4
            assert 0 <= actor.patch_x <= actor.patch_x + width <= 270
            assert 0 <= actor.patch_y <= actor.patch_y + height <= 480 * 0.67
            assert actor.scale > 0


def test_there_is_a_patch_for_every_face_that_may_be_needed() -> None:
    emotions = {actor.character_id: {face.emotion for face in actor.patches} for actor in layers().actors}
    assert emotions == {"c1": {"sad", "neutral"}, "c2": {"angry", "neutral"}}
    for actor in layers().actors:
        wanted = {
            Face(emotion, mouth, eyes) for emotion in emotions[actor.character_id] for mouth in MOUTHS for eyes in EYES
        }
        assert set(actor.patches) == wanted


@pytest.mark.parametrize("cast", [(MARA,), (ELIAS,), (CAT,)])
def test_a_patch_changes_the_face_and_any_patch_hides_any_other(cast: tuple[CharacterSpec, ...]) -> None:
    actor = scene_layers(scene("a cafe", *cast), width=270, height=480).actors[0]
    patches = {face: pixels(data) for face, data in actor.patches.items()}
    masks = {patch[..., 3].tobytes() for patch in patches.values()}
    assert len(masks) == 1
    assert set(np.unique(next(iter(patches.values()))[..., 3])) <= {0, 255}
    emotion = next(face.emotion for face in patches if face.emotion != "neutral")
    shut, wide = patches[Face(emotion, "closed", "open")], patches[Face(emotion, "wide", "open")]
    half = shut.shape[0] // 2
    assert (shut[half:] != wide[half:]).any(), "the mouth opens in the lower half"
    assert (shut[: half // 2] == wide[: half // 2]).all(), "the brows stay"
    blink = patches[Face(emotion, "closed", "closed")]
    assert (shut[:half] != blink[:half]).any(), "the eyes close in the upper half"
    assert len({patch.tobytes() for patch in patches.values()}) == len(patches)


def test_the_first_face_patch_fits_the_body_without_a_seam() -> None:
    for actor in layers().actors:
        body, face = pixels(actor.body), next(face for face in actor.patches if face.emotion != "neutral")
        patch = pixels(actor.patches[Face(face.emotion, "closed", "open")])
        x, y = actor.patch_x - actor.x, actor.patch_y - actor.y
        under = body[y : y + patch.shape[0], x : x + patch.shape[1]]
        own = patch[..., 3] == 255
        assert np.abs(under[own][:, :3].astype(int) - patch[own][:, :3].astype(int)).max() <= 6


def test_speakers_are_on_stage_in_the_order_of_their_lines() -> None:
    one = SceneSpec(
        "s", "office", "", (MARA, CAT, ELIAS), (LineSpec("c2", "a"), LineSpec("", "narrator"), LineSpec("c1", "b"))
    )
    assert [member.id for member in actors_of(one)] == ["c2", "c1"]
    assert [
        actor.character_id
        for actor in scene_layers(SceneSpec("s", "an empty office", "", ()), width=270, height=480).actors
    ] == []
