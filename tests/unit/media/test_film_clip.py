"""Clips: lips, acting, camera, sound and the finished file, with small layers drawn here."""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from kit.media import music, probe
from kit.media.ffmpeg import MediaError, feed, run
from kit.media.film import acting, jobs, levels, script, sound, visemes
from kit.media.film.actors import STATES, Actor
from kit.media.film.audition import audition_scene
from kit.media.film.cache import Cache
from kit.media.film.camera import MOVES, Camera, plan
from kit.media.film.clip import _Stage, render_clip
from kit.media.film.planes import Frame, plate
from kit.media.illustration.layers import EYES, MOUTHS, ActorLayer, Face, Grade, SceneLayers
from kit.media.pictures import pad_or_crop_image_to_9x16
from kit.media.specs import CharacterSpec, LineSpec, SceneSpec
from kit.speech.shapes import PhoneTime, Speech, Voice, WordTime

WIDTH, HEIGHT = 270, 480


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _layers() -> SceneLayers:
    ramp = np.linspace(40, 220, int(HEIGHT * 1.2), dtype=np.uint8)[:, None].repeat(int(WIDTH * 1.2), 1)
    background = Image.fromarray(np.stack([ramp, ramp[::-1], np.full_like(ramp, 120)], 2))
    body = Image.new("RGBA", (120, 280))
    ImageDraw.Draw(body).rounded_rectangle((4, 10, 116, 279), 40, (200, 40, 40, 255))
    shades = {"closed": 0, "small": 40, "open": 250, "wide": 160, "round": 200, "teeth": 80}
    patches = {}
    for emotion in ("neutral", "sad"):
        for mouth in MOUTHS:
            for eyes in EYES:
                patch = Image.new("RGBA", (40, 20), (0, shades[mouth], 255 if eyes == "open" else 0, 255))
                patches[Face(emotion, mouth, eyes)] = _png(patch)
    actor = ActorLayer("a", _png(body), 75, 201, patches, 115, 260)
    front = Image.new("RGBA", (WIDTH, HEIGHT))
    ImageDraw.Draw(front).rectangle((0, 450, WIDTH, HEIGHT), fill=(10, 10, 10, 128))
    grade = Grade("street", "night", "clear", "#ffffff", "#000000", "#ff0000")
    return SceneLayers(WIDTH, HEIGHT, _png(background), 1.2, (actor,), _png(front), grade)


def _say(text: str, voice: Voice, language: str, emotion: str) -> Speech:
    """A hummed stand-in for speech: 0.1 s per letter, every letter its own phone."""
    if not any(c.isalpha() for c in text):
        raise ValueError("there is nothing to say")
    letters = [c for c in text if c.isalpha()]
    count = round(2400 / voice.speed) * len(letters)
    pcm = (0.3 * np.sin(np.arange(count) * 2 * np.pi * 180 / 24000)).astype(np.float32)
    step = count / 24000 / len(letters)
    phones = tuple(PhoneTime(c, i * step, (i + 1) * step) for i, c in enumerate(letters))
    return Speech(pcm, (WordTime(text, 0.0, count / 24000),), phones)


CAST = (CharacterSpec("a", "Ann", "a woman", "female", "warm"), CharacterSpec("b", "Bob", "a man", "male", "low"))
VOICES = {"a": Voice("af_heart"), "b": Voice("am_michael")}


def _scene(*lines: LineSpec, seed: int = 0) -> SceneSpec:
    return SceneSpec("s", "a street", "a street", CAST, lines, "en", seed=seed)


def test_every_letter_of_speech_has_a_mouth_that_is_drawn() -> None:
    assert set(visemes.MOUTH_OF.values()) <= set(MOUTHS)
    for phone, mouth in {
        "m": "closed",
        "p": "closed",
        "f": "teeth",
        "s": "teeth",
        "ɕ": "teeth",
        "a": "open",
        "i": "wide",
        "o": "round",
    }.items():
        assert visemes.MOUTH_OF[phone] == mouth
    english, korean, mandarin = (
        "bdfhjklmnpstvwzðŋɑɔəɛɜɡɪɹʃʊʌʒʤʧθæAIOQWYᵊT",
        "kɡntdɾmpbsʥʨhaɛʌeowujɯilŋ",
        "ptkfxʨɕʦꭧʂɻlmnaəɤiuyɛeŋɨɥɚ",
    )
    missing = {p for p in english + korean + mandarin if p not in visemes.MOUTH_OF}
    assert not missing


def test_lips_close_for_m_rest_in_pauses_and_never_tremble() -> None:
    times = [("", 0.3), ("m", 0.07), ("a", 0.2), (" ", 0.2), ("o", 0.2), ("", 0.3)]
    phones, at = [], 0.0
    for phone, length in times:
        phones.append(PhoneTime(phone, at, at + length))
        at += length
    drawn = visemes.mouths(phones, 38, 30.0)
    assert len(drawn) == 38
    assert drawn[0] == drawn[-1] == "closed"
    assert drawn[14] == "open"
    assert drawn[19] == "closed"
    assert drawn[24] == "round"
    assert all(drawn[i] == drawn[i + 1] for i in range(0, 38, 2)), "a mouth is held for two frames"
    # An m between two open vowels lasts less than a drawing and must still be seen.
    close = [PhoneTime("a", 0, 0.2), PhoneTime("m", 0.2, 0.25), PhoneTime("a", 0.25, 0.5)]
    assert "closed" in visemes.mouths(close, 15, 30.0)[4:10]


def test_lines_are_placed_in_order_with_room_and_speech_stretches_the_clip() -> None:
    lines = (LineSpec("a", "hello there"), LineSpec("b", "..."), LineSpec("b", "goodbye"))
    written = script.write(_scene(*lines), VOICES, _say, 10.0, 30)
    assert written.duration == 10.0
    first, beat, last = written.utterances
    assert 0.4 <= first.start <= 1.0
    assert beat.speech is None
    assert first.end + 0.3 <= beat.start + 0.02
    assert beat.end < last.start < last.end < 9.5
    stretched = script.write(_scene(LineSpec("a", "x" * 130)), VOICES, _say, 10.0, 30)
    assert 13.9 <= stretched.duration <= 14.5
    hurried = script.write(_scene(LineSpec("a", "x" * 250)), VOICES, _say, 10.0, 30)
    assert hurried.duration <= 20.0
    assert hurried.utterances[0].end <= 19.7
    with pytest.raises(MediaError, match="split the scene"):
        script.write(_scene(LineSpec("a", "x" * 600)), VOICES, _say, 10.0, 30)
    assert script.write(_scene(), VOICES, _say, None, 30).duration == 5.0


def test_a_narrator_gets_a_voice_of_its_own() -> None:
    voice = script.voice_of(LineSpec("", "Once upon a time"), VOICES, "en")
    assert voice.id not in {v.id for v in VOICES.values()}


def test_only_the_speaker_moves_the_lips_and_everybody_blinks_and_breathes() -> None:
    written = script.write(_scene(LineSpec("a", "aaaa", "sad"), LineSpec("b", "oooo", "angry")), VOICES, _say, 10.0, 30)
    ann, bob = (acting.perform(c, "neutral", written, 300, 30, 1) for c in ("a", "b"))
    said = written.utterances[0]
    during = range(round(said.start * 30) + 1, round(said.end * 30) - 2)
    assert {ann.faces[i].mouth for i in during} == {"open"}
    assert {bob.faces[i].mouth for i in during} == {"closed"}
    for actor in (ann, bob):
        closed = [f.eyes == "closed" for f in actor.faces]
        assert 4 <= sum(closed) <= 40
        assert len(set(actor.states)) > 4
        assert max(abs(a - b) for a, b in zip(actor.states, actor.states[1:], strict=False)) <= 3, "no jerks"
        assert max(actor.states) < STATES


def test_the_camera_moves_smoothly_within_the_background() -> None:
    ramp = np.linspace(0, 255, 576, dtype=np.float32)
    picture = Image.fromarray(np.repeat(np.repeat(ramp[:, None], 324, 1)[:, :, None], 3, 2).astype(np.uint8))
    for kind in MOVES[2:]:
        move = plan(kind, WIDTH, HEIGHT, 1.2, 10.0)
        assert 0 < move.travel <= 0.2 * HEIGHT
        frame, camera = Frame(WIDTH, HEIGHT), Camera(plate(picture), WIDTH, HEIGHT, move)
        means = []
        for index in range(60):
            camera.shoot(frame, index / 59)
            means.append(float(frame.arrays[0].mean()))
        steps = np.diff(means) * (1 if kind == "tilt-down" else -1)
        assert steps.min() > -0.15, "it never goes back"
        assert steps.max() < 4 * steps.mean()


def test_a_face_stays_on_its_body_in_every_state() -> None:
    actor = Actor(_layers().actors[0], WIDTH, HEIGHT)
    for state in (0, STATES // 2, STATES - 1):
        body, face = actor.body(state), actor.face(state, Face("sad", "open", "open"))
        assert face is not None
        assert face.x >= body.x
        assert face.x + face.width <= body.x + body.width
        frame = Frame(WIDTH, HEIGHT)
        frame.put(body)
        before = frame.arrays[0].copy()
        frame.put(face)
        changed = np.argwhere(np.abs(frame.arrays[0].astype(int) - before) > 12)
        top, left = changed.min(axis=0)
        assert abs(int(left) - 115) <= 1
        assert abs(int(top) - 260) <= 3


def test_an_unknown_emotion_or_mouth_falls_back_to_a_drawn_face() -> None:
    actor = Actor(_layers().actors[0], WIDTH, HEIGHT)
    assert actor.face(0, Face("furious", "open", "open")) is not None
    assert (
        Actor(ActorLayer("x", _layers().actors[0].body, 0, 0, {}, 0, 0), WIDTH, HEIGHT).face(
            0, Face("sad", "open", "open")
        )
        is None
    )


def test_colours_survive_the_planes() -> None:
    red = plate(Image.new("RGB", (4, 4), (255, 0, 0)))
    # BT.709 limited range: pure red is Y 63, Cb 102, Cr 240.
    assert (red.luma.getpixel((0, 0)), red.cb.getpixel((0, 0)), red.cr.getpixel((0, 0))) == (63, 102, 240)
    ghost = Image.new("RGBA", (4, 4), (0, 255, 0, 0))
    ghost.putpixel((0, 0), (255, 0, 0, 255))
    assert plate(ghost).cr.getpixel((0, 0)) == 240, "the colour of unseen pixels does not bleed"


def test_loudness_agrees_with_ffmpeg_and_limiting_keeps_the_ceiling(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    swells = 0.4 + 0.6 * np.abs(np.sin(np.arange(96_000) / 9000))[:, None]
    made = levels.levelled((0.02 * rng.standard_normal((96_000, 2)) * swells).astype(np.float32), -14.0, -2.2)
    path = tmp_path / "x.wav"
    sound.write_wav(path, made)
    measured = probe.loudness(path)
    assert abs(measured.integrated - levels.integrated(made)) < 0.2
    assert abs(measured.integrated + 14) < 0.4
    assert abs(measured.true_peak - levels.true_peak(made)) < 0.3
    assert np.abs(made).max() <= 10 ** (-2.2 / 20) + 1e-4


@pytest.mark.parametrize("mood", music.MOODS)
def test_a_music_bed_moves_is_repeatable_and_loops_without_a_seam(mood: str) -> None:
    bed = music.bed(mood, 3.0, 4, 16_000)
    assert bed.shape == (48_000, 2)
    assert np.array_equal(bed, music.bed(mood, 3.0, 4, 16_000))
    assert not np.array_equal(bed, music.bed(mood, 3.0, 5, 16_000))
    steps = np.abs(np.diff(bed[:, 0]))
    assert abs(bed[0, 0] - bed[-1, 0]) <= steps.max()
    assert np.abs(bed).max() <= 0.71
    spectrum = np.abs(np.fft.rfft(bed[:, 0]))
    assert np.sort(spectrum)[-20:].sum() < 0.5 * spectrum.sum(), "not a test tone"
    assert np.corrcoef(bed[:, 0], bed[:, 1])[0, 1] < 0.95, "stereo"


def test_music_steps_back_under_speech_and_mood_follows_the_lines() -> None:
    written = script.write(_scene(LineSpec("a", "x" * 20, "sad")), VOICES, _say, 8.0, 30)
    gain = sound._ducking(written, 8 * 48_000)
    said = written.utterances[0]
    assert gain[int((said.start + 1) * 48_000)] < 0.5 * gain[-1]
    assert sound.mood_of(_scene(LineSpec("a", "x", "sad"))) == "sad"
    assert sound.mood_of(_scene(LineSpec("a", "x", "angry"), LineSpec("b", "y", "afraid"))) == "tension"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    out = tmp_path_factory.mktemp("film") / "clip.mp4"
    told: list[float] = []
    facts = render_clip(
        _scene(LineSpec("a", "amoamo", "sad"), seed=2),
        _layers(),
        VOICES,
        out,
        duration=2.0,
        progress=told.append,
        speak=_say,
    )
    assert facts.duration == 2.0
    assert told == sorted(told)
    assert told[-1] == 1.0
    return out, facts.timeline


def test_a_rendered_clip_is_what_its_facts_say(clip: tuple[Path, dict[str, object]]) -> None:
    path, timeline = clip
    facts = probe.probe(path)
    assert (facts.width, facts.height, facts.fps, facts.vcodec, facts.acodec, facts.sample_rate) == (
        WIDTH,
        HEIGHT,
        30,
        "h264",
        "aac",
        48_000,
    )
    assert abs(facts.duration - 2.0) < 0.05
    assert facts.faststart
    assert abs(probe.loudness(path).integrated + 14) < 1
    assert sorted(p.name for p in path.parent.iterdir()) == ["clip.mp4"], "no scraps are left"
    assert json.loads(json.dumps(timeline)) == timeline
    utterances = timeline["utterances"]
    assert isinstance(utterances, list)
    said = utterances[0]
    assert said["character_id"] == "a"
    assert abs(said["phones"][-1]["end"] - said["end"]) < 1e-3


def test_the_mouth_seen_is_the_sound_heard(clip: tuple[Path, dict[str, object]]) -> None:
    path, timeline = clip
    utterances = timeline["utterances"]
    assert isinstance(utterances, list)
    with av.open(str(path)) as media:
        pictures = [f.to_ndarray(format="rgb24") for f in media.decode(video=0)]
    assert len(pictures) == 60
    green = [float(p[266:274, 125:145, 1].mean()) for p in pictures]
    for phone in utterances[0]["phones"]:
        middle = round((phone["start"] + phone["end"]) / 2 * 30)
        if phone["phone"] == "a":
            assert green[middle] > 200, "wide open while an a sounds"
        if phone["phone"] == "m":
            assert min(green[middle - 1 : middle + 2]) < 60, "shut while an m sounds"
    assert max(green[:10]) < 60, "shut before the line"
    moved = np.abs(pictures[0].astype(int) - pictures[-1].astype(int)).mean()
    assert moved > 0.5, "the camera moves"


def test_the_cache_gives_back_what_it_was_given_and_asks_once(tmp_path: Path) -> None:
    cache, calls = Cache(tmp_path / "cache"), []

    def say(text: str, voice: Voice, language: str, emotion: str) -> Speech:
        calls.append(text)
        return _say(text, voice, language, emotion)

    first, again = (cache.speech(say, "hello", VOICES["a"], "en", "sad") for _ in range(2))
    assert np.array_equal(first.pcm, again.pcm)
    assert (first.words, first.phones) == (again.words, again.phones)
    cache.speech(say, "hello", VOICES["b"], "en", "sad")
    assert calls == ["hello", "hello"]
    painted, scene = _layers(), _scene()
    assert cache.layers(lambda _: painted, scene) == painted
    assert cache.layers(lambda _: pytest.fail("painted twice"), scene) == painted
    for file in (tmp_path / "cache").iterdir():
        file.write_bytes(b"broken")
    assert cache.layers(lambda _: painted, scene) == painted


@pytest.mark.parametrize("language", ["en", "zh", "ko"])
def test_an_audition_speaks_of_its_own_character(language: str) -> None:
    described = {
        "en": "A tired surgeon in his forties. Dark hair.",
        "zh": "疲惫的外科医生，黑发",
        "ko": "지친 외과 의사. 검은 머리",
    }[language]
    scene = audition_scene(CharacterSpec("d", "Daniel", described, "male", "low, firm"), language)
    said = " ".join(line.text for line in scene.lines)
    assert "Daniel" in said
    assert {"en": "a tired surgeon in my forties", "zh": "外科医生", "ko": "외과 의사"}[
        language
    ].casefold() in said.casefold()
    assert scene.language == language
    assert {line.character_id for line in scene.lines} == {"d"}


def test_jobs_can_be_sent_to_another_process() -> None:
    for work in (jobs.make_clip, jobs.make_audition, jobs.make_episode):
        assert pickle.loads(pickle.dumps(work)) is work


def test_ffmpeg_failures_carry_the_log_and_hanging_ends_in_time(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"nothing\.mp4"):
        run(["-i", str(tmp_path / "nothing.mp4"), "-f", "null", "-"], timeout=10)
    with pytest.raises(MediaError, match="not done after"):
        run(["-re", "-f", "lavfi", "-i", "testsrc2=d=60", "-f", "null", "-"], timeout=0.5)
    with pytest.raises(MediaError, match="nonsense"):
        _feed_a_failing_encoder()


def _feed_a_failing_encoder() -> None:
    args = ["-f", "rawvideo", "-s", "4x4", "-i", "pipe:0", "-c:v", "nonsense", "-f", "null", "-"]
    with feed(args, timeout=10) as write:
        for _ in range(100_000):
            write(memoryview(b"x" * 65536))


def test_pictures_are_cropped_never_stretched_and_bombs_refused() -> None:
    wide = Image.new("RGB", (160, 90), "white")
    ImageDraw.Draw(wide).ellipse((60, 25, 100, 65), fill="black")
    made = Image.open(io.BytesIO(pad_or_crop_image_to_9x16(_png(wide), 90, 160)))
    assert made.size == (90, 160)
    box = made.convert("L").point(lambda v: 255 if v < 128 else 0).getbbox()
    assert box is not None
    assert abs((box[2] - box[0]) - (box[3] - box[1])) <= 2, "a circle stays a circle"
    bomb = bytearray(_png(Image.new("L", (8, 8))))
    bomb[16:24] = (20_000).to_bytes(4, "big") + (20_000).to_bytes(4, "big")
    with pytest.raises(MediaError):
        pad_or_crop_image_to_9x16(bytes(bomb), 90, 160)
    with pytest.raises(MediaError, match="cannot be read"):
        pad_or_crop_image_to_9x16(b"not a picture", 90, 160)


def test_the_shortcuts_of_composing_change_nothing_that_is_seen() -> None:
    layers, scene = _layers(), _scene(LineSpec("a", "aaaa", "sad"))
    written = script.write(scene, VOICES, _say, 2.0, 30)
    move = plan("tilt-down", WIDTH, HEIGHT, 1.2, 2.0)
    stage = _Stage(scene, layers, written, move)
    assert layers.foreground is not None
    front = plate(Image.open(io.BytesIO(layers.foreground)).convert("RGBA"))
    camera, plain = Camera(plate(Image.open(io.BytesIO(layers.background))), WIDTH, HEIGHT, move), Frame(WIDTH, HEIGHT)
    actor, played = Actor(layers.actors[0], WIDTH, HEIGHT), acting.perform("a", "neutral", written, 60, 30, scene.seed)
    for index in (0, 20, 22, 40):
        camera.shoot(plain, index / 59)
        plain.put(actor.body(played.states[index]))
        face = actor.face(played.states[index], played.faces[index])
        if face is not None:
            plain.put(face)
        plain.put(front)
        difference = np.abs(stage.frame(index).astype(int) - plain.data.astype(int))
        assert difference.max() <= 3, "rounding only"
