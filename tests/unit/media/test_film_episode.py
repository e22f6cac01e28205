"""Episodes: joined without encoding where possible, foreign clips fitted, and faults found by the check."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import numpy as np
import pytest

from kit.media import probe
from kit.media.ffmpeg import MediaError, run, source
from kit.media.film.assemble import assemble
from kit.media.film.check import check_episode
from kit.media.film.facts import SOUND_ARGS, VIDEO_ARGS
from kit.media.film.tiny import tiny_film

SIZE = (270, 480)


def _film(
    path: Path, seconds: float, *, size: str = "270x480", video: str = "", audio: str | None = "", rate: int = 30
) -> Path:
    """A film in our own form; `video` and `audio` are filters that plant a fault, `audio=None` leaves the track out."""
    picture = f"testsrc2=s={size}:r={rate}:d={seconds}"
    tone = f"aevalsrc='0.2*sin(900*t)*(1+sin(9*t))+0.1*sin(3000*t)|0.2*sin(1200*t)*(1+sin(7*t))':s=48000:d={seconds}"
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone]
    heard = ["-map", "1:a", "-af", f"{audio or 'anull'},volume=1.0", *SOUND_ARGS] if audio is not None else []
    seen = ["-map", "0:v", "-vf", f"{video or 'null'},setsar=1", *VIDEO_ARGS]
    run([*inputs, *seen, *heard, "-movflags", "+faststart", "-y", str(path)], timeout=60)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("episode")


@pytest.fixture(scope="module")
def good(folder: Path) -> Path:
    """An assembled episode of two conforming clips, three seconds."""
    one, two = _film(folder / "one.mp4", 1.0), _film(folder / "two's.mp4", 2.0, video="hue=h=120")
    told: list[float] = []
    facts = assemble([one, two], folder / "good.mp4", size=SIZE, progress=told.append)
    assert (facts.clips, facts.copied) == (2, 2)
    assert abs(facts.duration - 3.0) < 0.1
    assert abs(facts.loudness + 14) <= 1
    assert facts.true_peak <= -1
    assert told[-1] == 1.0
    assert told == sorted(told)
    return folder / "good.mp4"


def test_two_clips_make_an_episode_that_passes_in_order(good: Path) -> None:
    assert check_episode(good, 3.0, size=SIZE) == []
    with av.open(str(good)) as media:
        frames = [f.to_ndarray(format="rgb24") for f in media.decode(video=0)]
    assert len(frames) == 90
    cut = [float(np.abs(a.astype(int) - b).mean()) for a, b in itertools.pairwise(frames)]
    assert int(np.argmax(cut)) == 29, "the second clip begins at its frame"


def test_foreign_clips_are_fitted_and_a_missing_track_is_filled(folder: Path) -> None:
    mute = _film(folder / "wide.mp4", 1.2, size="640x360", audio=None, rate=25)
    tiny_film(1.0, "a vendor's clip", folder / "tiny.mp4")
    facts = assemble([mute, folder / "tiny.mp4", folder / "tiny.mp4"], folder / "mixed.mp4", size=SIZE)
    assert facts.copied == 0
    assert check_episode(folder / "mixed.mp4", 3.2, size=SIZE) == []
    assert probe.silent_stretches(folder / "mixed.mp4", 0.3) == []


def test_a_wide_picture_is_cropped_not_stretched(folder: Path) -> None:
    disc = "geq=lum='if(lt(hypot(X-320,Y-180),80),235,16)':cb=128:cr=128"
    round_one = _film(folder / "disc.mp4", 1.0, size="640x360", video=disc)
    assemble([round_one], folder / "disc-fit.mp4", size=SIZE)
    with av.open(str(folder / "disc-fit.mp4")) as media:
        seen = next(media.decode(video=0)).to_ndarray(format="gray") > 128
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    assert abs(len(rows) - len(columns)) <= 4


@pytest.mark.parametrize(
    ("fault", "filters", "complaint"),
    [
        ("black", {"video": "drawbox=c=black:t=fill:enable='between(t,0.8,2.4)'"}, "black from"),
        ("silent", {"audio": "volume=0:enable='between(t,0.8,2.4)'"}, "silent from"),
        ("quiet", {"audio": "volume=-20dB"}, "LUFS"),
        ("loud", {"audio": "volume=14dB"}, "true peak"),
        ("small", {"size": "240x480"}, "240x480"),
        ("slow", {"rate": 25}, "25.000"),
        ("mute", {"audio": None}, "0 audio streams"),
    ],
)
def test_planted_faults_are_found(folder: Path, fault: str, filters: dict[str, object], complaint: str) -> None:
    size, video = str(filters.get("size", "270x480")), str(filters.get("video", ""))
    audio, rate = filters.get("audio", ""), filters.get("rate", 30)
    path = _film(
        folder / f"{fault}.mp4",
        3.0,
        size=size,
        video=video,
        audio=None if audio is None else str(audio),
        rate=int(str(rate)),
    )
    problems = check_episode(path, 3.0, size=SIZE)
    assert any(complaint in p for p in problems), problems


def test_wrong_length_index_at_the_end_and_rubbish_are_found(folder: Path, good: Path) -> None:
    assert any("instead of 5.00 s" in p for p in check_episode(good, 5.0, size=SIZE))
    late = folder / "late.mp4"
    run([*source(good), "-c", "copy", "-y", str(late)], timeout=30)
    assert check_episode(late, 3.0, size=SIZE) == ["its index stands at the end"]
    rubbish = folder / "rubbish.mp4"
    rubbish.write_bytes(b"\0" * 2000)
    assert len(check_episode(rubbish, 3.0)) == 1


def test_an_episode_with_a_fault_does_not_appear_and_the_fault_is_named(folder: Path) -> None:
    dark = _film(folder / "dark.mp4", 2.0, video="drawbox=c=black:t=fill")
    with pytest.raises(MediaError, match="black from"):
        assemble([dark], folder / "never.mp4", size=SIZE)
    assert not (folder / "never.mp4").exists()
    assert not [p for p in folder.iterdir() if p.is_dir()], "no scraps are left"


def test_unreadable_and_missing_clips_are_named(folder: Path) -> None:
    (folder / "broken.mp4").write_bytes(b"nothing")
    with pytest.raises(MediaError, match=r"broken\.mp4"):
        assemble([folder / "broken.mp4"], folder / "never.mp4")
    with pytest.raises(MediaError, match="no clips"):
        assemble([], folder / "never.mp4")


def test_two_texts_make_two_tiny_films_that_move_and_sound(folder: Path) -> None:
    for name in ("x", "y"):
        tiny_film(1.0, name, folder / f"{name}.mp4")
    facts = probe.probe(folder / "x.mp4")
    assert (facts.width, facts.height, facts.vcodec, facts.acodec, facts.faststart) == (720, 1280, "h264", "aac", True)
    assert abs(facts.duration - 1.0) < 0.1
    assert (folder / "x.mp4").read_bytes() != (folder / "y.mp4").read_bytes()
    assert probe.silent_stretches(folder / "x.mp4", 0.2) == []
