"""A vendor's film becomes one of ours: size, rate, sound, length; its timeline is honest about what it does not know."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from kit.media.ffmpeg import MediaError, ffmpeg_path
from kit.media.probe import probe
from kit.media.specs import LineSpec
from services.video import foreign, local
from services.video.foreign import BadFilm, bring_home, estimated_timeline, filters

LINES = (LineSpec("a", "Hello there"), LineSpec("b", "Bye", "sad"), LineSpec("a", "  "))


def film(path: Path, size: str, *, seconds: float = 1.0, sound: bool = True, rate: int = 24) -> Path:
    """A film whose left half is red and right half blue, with a square in the middle."""
    width, height = (int(part) for part in size.split("x"))
    box = min(width, height) // 4 * 2
    picture = (
        f"color=red:s={size}:r={rate},drawbox=x={width // 2}:y=0:w={width}:h={height}:c=blue:t=fill,"
        f"drawbox=x={(width - box) // 2}:y={(height - box) // 2}:w={box}:h={box}:c=white:t=fill"
    )
    tone = ["-f", "lavfi", "-i", "sine=440:r=44100", "-c:a", "aac"] if sound else []
    command = [ffmpeg_path(), "-loglevel", "error", "-f", "lavfi", "-i", picture, *tone]
    command += ["-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-y", str(path)]
    subprocess.run(command, check=True)
    return path


def middle_frame(path: Path) -> Image.Image:
    command = [
        ffmpeg_path(),
        "-loglevel",
        "error",
        "-i",
        str(path),
        "-frames:v",
        "1",
        "-f",
        "image2pipe",
        "-c:v",
        "png",
        "-",
    ]
    return Image.open(io.BytesIO(subprocess.run(command, check=True, capture_output=True).stdout)).convert("L")


@pytest.mark.parametrize(("size", "sound"), [("720x1280", True), ("1280x720", False)], ids=["tall", "wide-mute"])
def test_any_film_becomes_1080x1920_at_30_with_sound_and_unstretched(size: str, sound: bool, tmp_path: Path) -> None:
    source = film(tmp_path / "in.mp4", size, sound=sound)
    made = bring_home(source, tmp_path, LINES, "en", None)
    facts = probe(made.path)
    assert (facts.width, facts.height, round(facts.fps)) == (1080, 1920, 30)
    assert (facts.vcodec, facts.acodec, facts.sample_rate, facts.channels) == ("h264", "aac", 48_000, 2)
    assert facts.faststart
    assert made.duration == pytest.approx(1.0, abs=0.1)
    # The white square must still be one: as wide as high wherever it was not cut.
    picture = middle_frame(made.path)
    row = [x for x in range(1080) if picture.crop((x, 960, x + 1, 961)).tobytes()[0] > 200]
    column = [y for y in range(1920) if picture.crop((540, y, 541, y + 1)).tobytes()[0] > 200]
    assert len(row) == pytest.approx(min(len(column), 1080), abs=8)


def test_a_film_that_is_at_home_is_taken_as_it_is(tmp_path: Path) -> None:
    first = bring_home(film(tmp_path / "in.mp4", "360x640"), tmp_path, (), "en", None)
    (tmp_path / "again").mkdir()
    again = bring_home(first.path, tmp_path / "again", (), "en", None)
    assert again.path == first.path
    cut = bring_home(first.path, tmp_path / "again", (), "en", 0.5)
    assert cut.path != first.path
    assert cut.duration == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("content", [b"<html>busy</html>", b"", b"\0\0\0\x18ftypmp42" + b"\0" * 64])
def test_what_is_no_film_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "in.mp4").write_bytes(content)
    with pytest.raises(BadFilm):
        bring_home(tmp_path / "in.mp4", tmp_path, (), "en", None)


def test_the_timeline_of_a_foreign_film_is_marked_as_an_estimate(tmp_path: Path) -> None:
    timeline = estimated_timeline(LINES, 8.0, "en")
    assert timeline["exact"] is False
    utterances = timeline["utterances"]
    assert isinstance(utterances, list)
    assert [(u["character_id"], u["text"], u["words"]) for u in utterances] == [
        ("a", "Hello there", []),
        ("b", "Bye", []),
    ]
    assert 0 < utterances[0]["start"] < utterances[0]["end"] < utterances[1]["start"] < utterances[1]["end"] <= 8.0
    assert json.loads(json.dumps(timeline)) == timeline
    assert estimated_timeline((), 3.0, "ko")["utterances"] == []
    crowded = estimated_timeline([LINES[0]] * 40, 2.0, "en")["utterances"]
    assert isinstance(crowded, list)
    for u in crowded:
        assert 0 <= u["start"] <= u["end"] <= 2.0


@pytest.mark.parametrize(
    ("size", "box"), [((1920, 1080), "606:1080"), ((720, 1280), "720:1280"), ((1000, 3000), "1000:1776")]
)
def test_the_box_that_is_cut_out(size: tuple[int, int], box: str) -> None:
    assert filters(*size).startswith(f"crop={box},scale=1080:1920")


def test_a_first_frame_gets_the_films_size_and_keeps_its_proportions() -> None:
    buffer = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").resize((1080, 1920)).save(buffer, "PNG")
    for size in ("720x1280", "1280x720"):
        framed = Image.open(io.BytesIO(foreign.frame(buffer.getvalue(), size)))
        assert "x".join(str(side) for side in framed.size) == size
    with pytest.raises(BadFilm):
        foreign.frame(b"nothing", "720x1280")


def test_an_episode_is_its_clips_one_after_another_with_one_timeline(tmp_path: Path) -> None:
    made = []
    for name, seconds in (("a", 0.8), ("b", 0.6)):
        (tmp_path / name).mkdir()
        source = film(tmp_path / name / "in.mp4", "360x640", seconds=seconds)
        made.append(bring_home(source, tmp_path / name, LINES[:2], "en", None))
    joined = local.episode(tmp_path, [one.path for one in made], [made[0].timeline_path, made[1].timeline_path])
    assert joined.duration == pytest.approx(1.4, abs=0.2)
    assert joined.timeline_path is not None
    told = json.loads(joined.timeline_path.read_text())
    starts = [said["start"] for said in told["utterances"]]
    assert len(starts) == 4
    assert starts == sorted(starts)
    assert starts[2] > made[0].duration
    assert told["exact"] is False
    with pytest.raises(MediaError):
        local.episode(tmp_path, [tmp_path / "a" / "timeline.json"], [None])


def test_words_and_phones_move_with_their_utterance() -> None:
    said = {
        "character_id": "a",
        "text": "Hi",
        "start": 0.5,
        "end": 1.0,
        "words": [{"text": "Hi", "start": 0.5, "end": 1.0}],
    }
    told = {
        "version": 1,
        "duration": 2.0,
        "language": "ko",
        "utterances": [{**said, "phones": [{"phone": "h", "start": 0.5, "end": 0.6}]}],
    }
    whole = local.joined([(2.0, told), (3.0, {}), (2.5, told)])
    utterances = whole["utterances"]
    assert isinstance(utterances, list)
    assert [(u["start"], u["end"]) for u in utterances] == [(0.5, 1.0), (5.5, 6.0)]
    assert utterances[1]["words"] == [{"text": "Hi", "start": 5.5, "end": 6.0}]
    assert utterances[1]["phones"][0]["start"] == 5.5
    assert (whole["duration"], whole["language"], whole["exact"]) == (7.5, "ko", False)
    assert local.joined([(2.0, told)])["exact"] is True
