"""Episodes: joined without encoding where possible, foreign clips fitted, and faults found by the check."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from kit.media import probe
from kit.media.ffmpeg import MediaError, run, source
from kit.media.film.assemble import assemble
from kit.media.film.check import check_episode
from kit.media.film.facts import SOUND_ARGS, SOUND_RATE, VIDEO_ARGS
from kit.media.film.sound import write_wav
from kit.media.film.tiny import tiny_film

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


def _strikes(seconds: float, seed: int, every: float, fade: float, hum: float) -> NDArray[np.float32]:
    """Hard strikes of noise that die away within `fade` seconds over a hum: the peaks stand far over the loudness."""
    rng = np.random.default_rng(seed)
    count = round(seconds * SOUND_RATE)
    since = np.arange(count) / SOUND_RATE % every
    struck = rng.standard_normal((count, 2)) * np.exp(-since / fade)[:, None]
    low = hum * np.sin(np.arange(count) / SOUND_RATE * 2 * np.pi * 180)[:, None]
    return np.asarray(0.9 * struck / np.abs(struck).max() + low, np.float32)


def _heard(folder: Path, name: str, samples: NDArray[np.float32]) -> Path:
    """A film in our own form with these samples as its sound, kept as they are."""
    silent = _film(folder / f"{name}-seen.mp4", len(samples) / SOUND_RATE, audio=None)
    write_wav(folder / f"{name}.wav", samples)
    out = folder / f"{name}.mov"
    both = [*source(silent), *source(folder / f"{name}.wav"), "-map", "0:v", "-map", "1:a"]
    run([*both, "-c:v", "copy", "-c:a", "pcm_s16le", "-y", str(out)], timeout=30)
    return out


@pytest.mark.parametrize(
    ("every", "fade", "hum", "gain"),
    [(0.5, 0.02, 0.02, 1.0), (0.25, 0.004, 0.05, 1.0), (1.1, 0.1, 0.0, 0.03), (0.05, 0.01, 0.1, 1.0)],
)
def test_hard_peaks_are_held_without_losing_the_loudness(
    folder: Path, every: float, fade: float, hum: float, gain: float
) -> None:
    name = f"strikes-{every}"
    clips = [_heard(folder, f"{name}-{i}", gain * _strikes(1.5, i, every, fade, hum)) for i in range(2)]
    facts = assemble(clips, folder / f"{name}.mp4", size=SIZE)
    found = probe.loudness(folder / f"{name}.mp4")
    assert facts.copied == 2
    assert facts.true_peak <= -1
    assert (found.integrated, found.true_peak) == (facts.loudness, facts.true_peak)
    assert abs(found.integrated + 14) <= 1


def test_loud_and_soft_stay_apart(folder: Path) -> None:
    """One gain for the whole track: a soft second after a loud one stays as much softer as it was."""
    at = np.arange(round(1.5 * SOUND_RATE)) / SOUND_RATE
    tone = np.asarray(
        0.2 * np.stack([np.sin(900 * at), np.sin(1200 * at)], 1) * (1 + np.sin(9 * at))[:, None], np.float32
    )
    soft = np.float32(10 ** (-8 / 20))
    assemble([_heard(folder, "steps", np.concatenate([tone, soft * tone]))], folder / "steps-made.mp4", size=SIZE)
    levels = []
    for first in (0.1, 1.6):
        part = folder / f"steps-{first}.wav"
        run([*source(folder / "steps-made.mp4"), "-vn", "-ss", str(first), "-t", "1.3", "-y", str(part)], timeout=30)
        levels.append(probe.loudness(part).integrated)
    assert abs(levels[0] - levels[1] - 8) < 1


@pytest.mark.parametrize("what", ["nothing", "hiss", "one click"])
def test_a_track_with_nothing_to_hear_gets_music(folder: Path, what: str) -> None:
    samples = np.zeros((2 * SOUND_RATE, 2), np.float32)
    if what == "hiss":
        samples += 1e-4 * np.random.default_rng(1).standard_normal(samples.shape).astype(np.float32)
    if what == "one click":
        samples[SOUND_RATE] = 0.9
    facts = assemble([_heard(folder, what, samples)], folder / f"{what}-made.mp4", size=SIZE)
    assert abs(facts.loudness + 14) <= 1
    assert facts.true_peak <= -1
    with av.open(str(folder / f"{what}-made.mp4")) as media:
        heard = np.concatenate([f.to_ndarray()[0] for f in media.decode(audio=0)])
    spectrum = np.abs(np.fft.rfft(heard))
    assert np.sort(spectrum)[-200:].sum() > 0.2 * spectrum.sum(), "notes, not noise"


def test_a_loud_clip_with_a_pause_is_not_called_silent(folder: Path) -> None:
    loud = 0.9 * np.sign(_strikes(3.6, 2, 0.05, 0.05, 0.2))
    loud[SOUND_RATE : round(2.4 * SOUND_RATE)] = 0
    assemble([_heard(folder, "pause", loud.astype(np.float32))], folder / "pause-made.mp4", size=SIZE)
    assert check_episode(folder / "pause-made.mp4", 3.6, size=SIZE) == []


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
