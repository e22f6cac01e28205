"""Casting, spelling to sound, and the exactness of spoken times."""

from __future__ import annotations

import numpy as np
import pytest

from kit.media.specs import CharacterSpec
from kit.speech import engines
from kit.speech.casting import TIMBRES, cast_voices, choose_voice, gender_of
from kit.speech.g2p import alphabet, clean, pronounce, runs
from kit.speech.korean import respell, spell_numbers, to_ipa
from kit.speech.mandarin import spell_number
from kit.speech.marks import SILENT
from kit.speech.say import speak
from kit.speech.shapes import SAMPLE_RATE, Speech, Voice


def _character(name: str, gender: str, voice: str, *, main: bool = False) -> CharacterSpec:
    return CharacterSpec(name.lower(), name, "a person", gender, voice, main)


def test_the_same_description_keeps_its_voice_and_ids_do_not_matter() -> None:
    one = CharacterSpec("a", "Daniel", "a surgeon", "male", "low, gravelly, slow, British")
    two = CharacterSpec("z", "Daniel", "a surgeon", "male", "low, gravelly, slow, British")
    assert choose_voice(one, "en") == choose_voice(two, "en")
    assert choose_voice(one, "en").base.startswith("bm_")


@pytest.mark.parametrize("language", ["en", "zh", "ko"])
def test_a_cast_of_twelve_gets_twelve_different_voices_of_the_right_gender(language: str) -> None:
    cast = [_character(f"P{i}", "female" if i % 2 else "male", "calm") for i in range(12)]
    voices = cast_voices(cast, language)
    assert len({v.id for v in voices.values()}) == 12
    genders = {t.id: t.gender for t in TIMBRES}
    assert all(genders[voices[c.id].base] == c.gender for c in cast)
    twice = [v for v in voices.values() if sum(o.base == v.base for o in voices.values()) > 1]
    assert len({(v.base, v.pitch) for v in twice}) == len(twice), "one voice playing two people is bent differently"


def test_main_characters_choose_first() -> None:
    side, lead = _character("Side", "male", "deep bass"), _character("Lead", "male", "deep bass", main=True)
    assert cast_voices([side, lead], "en")["lead"] == choose_voice(lead, "en")


@pytest.mark.parametrize(
    ("slow", "fast"), [("slow, deep", "fast, high-pitched"), ("缓慢 低沉", "急促 高音"), ("느린 낮은", "빠른 높은")]
)
def test_pace_and_pitch_words_are_heard_in_three_languages(slow: str, fast: str) -> None:
    a, b = (choose_voice(_character("X", "male", words), "en") for words in (slow, fast))
    assert a.speed < 1 < b.speed
    assert a.pitch < 1 < b.pitch


def test_gender_is_read_from_words_when_the_field_does_not_tell() -> None:
    assert gender_of(CharacterSpec("x", "X", "a grumpy old man", "other")) == "male"
    assert gender_of(CharacterSpec("x", "X", "어린 소녀", "여성")) == "female"
    assert gender_of(CharacterSpec("x", "X", "a fox", "other")) == "any"


STANDARD = """
"국물>궁물 독립>동닙 신라>실라 같이>가치 굳이>구지 좋다>조타 학교>학꾜
값이>갑씨 많아>마나 입학>이팍 읽어>일거 "없다>업따 닫히다>다치다 심리>심니
있어요>이써요 싫어>시러 넓다>널따 못하다>모타다 앉아>안자 설날>설랄 강아지>강아지
"""


@pytest.mark.parametrize(("written", "said"), [tuple(pair.split(">")) for pair in STANDARD.split()])
def test_korean_sounds_change_as_the_standard_says(written: str, said: str) -> None:
    assert respell(written) == said


def test_korean_phones_voice_stops_between_vowels_and_read_numbers_both_ways() -> None:
    assert to_ipa("가구") == "kaɡu"
    assert to_ipa("시") == "ɕi"
    assert spell_numbers("3시 20분, 1,234원 20살 3.5%") == "세시 이십분, 천이백삼십사원 스무살 삼점오퍼센트"


def test_mandarin_reads_years_digit_by_digit_and_keeps_what_was_written() -> None:
    assert spell_number("2024年") == "二零二四年"
    assert spell_number("15%") == "百分之十五"
    words = pronounce("2024年我等了3年。", "zh")
    assert "".join(w.text for w in words) == "2024年我等了3年。"
    assert words[-1].phones.endswith(".")


def test_english_keeps_the_written_words_of_what_is_read_out() -> None:
    words = pronounce("Dr. Smith came at 7:30 pm with $250, café!", "en")
    assert [w.text for w in words] == ["Dr.", "Smith", "came", "at", "7:30", "pm", "with", "$250,", "café!"]
    assert len(words[4].phones.split()) == 2


def test_mixed_scripts_are_cut_where_they_change() -> None:
    assert [s for s, _ in runs(clean("Meet 小明 at 서울역, OK?"), "en")] == ["en", "zh", "en", "ko", "en"]
    assert [w.text for w in pronounce("Meet 小明!", "en")] == ["Meet", "小明!"]


@pytest.mark.parametrize("text", ["", "   ", "?!...", "😀🎉", "……", "<>{}[]", "\u200b\x00"])
@pytest.mark.parametrize("language", ["en", "zh", "ko"])
def test_nothing_to_say_is_refused_by_name(text: str, language: str) -> None:
    with pytest.raises(ValueError, match="nothing to say"):
        pronounce(text, language)


def test_emoji_and_control_characters_leave_no_trace_and_all_phones_are_known() -> None:
    for language, text in (("en", "Wow 😀 *great*\x07 #1!"), ("zh", "真的😀吗～"), ("ko", "진짜😀요~")):
        words = pronounce(text, language)
        assert all(p in alphabet() for w in words for p in w.phones)
        assert not any("😀" in w.text for w in words)


def _check_times(speech: Speech) -> None:
    assert speech.phones[0].start == 0.0
    assert speech.phones[-1].end == len(speech.pcm) / SAMPLE_RATE
    assert all(a.end == b.start for a, b in zip(speech.phones, speech.phones[1:], strict=False))
    assert all(p.end >= p.start for p in speech.phones)
    samples = [round((p.end - p.start) * SAMPLE_RATE) for p in speech.phones]
    assert sum(samples) == len(speech.pcm)
    assert all(0 <= w.start < w.end <= speech.duration for w in speech.words)
    assert all(a.end <= b.start for a, b in zip(speech.words, speech.words[1:], strict=False))


@pytest.mark.parametrize(
    ("voice", "language", "text", "emotion"),
    [
        (Voice("zf_xiaobei", speed=1.1, pitch=0.96), "zh", "你骗我。", "sad"),
        (Voice("jm_kumo@2", pitch=1.05), "ko", "거짓말!", "angry"),
        (Voice("heart", "hibari", pitch=0.8), "en", "You lied to me.", "tender"),
    ],
)
def test_phones_add_up_to_the_sound_exactly(voice: Voice, language: str, text: str, emotion: str) -> None:
    speech = speak(text, voice, language, emotion)
    _check_times(speech)
    assert speech.pcm.dtype == np.float32
    assert 0.1 < float(np.abs(speech.pcm).max()) <= 0.9
    assert float(np.abs(speech.pcm[:3]).max()) < 0.01
    first = next(p for p in speech.phones if p.phone and p.phone not in SILENT)
    assert first.start <= 0.25, "silence before the first sound is trimmed"
    heard = np.flatnonzero(np.abs(speech.pcm) > 0.05) / SAMPLE_RATE
    assert abs(float(heard[0]) - speech.words[0].start) < 0.12, "the first word's time is where sound begins"


def test_a_long_line_is_spoken_in_pieces_whose_times_go_on() -> None:
    text = "I waited for you, all night, in the cold rain, and nobody came. " * 8
    speech = speak(text, Voice("heart", "hibari"), "en")
    _check_times(speech)
    assert len(speech.words) == 13 * 8
    assert [w.text for w in speech.words] == text.split()


def test_feeling_changes_pace_and_the_same_input_gives_the_same_samples() -> None:
    voice = Voice("heart", "hibari")
    sad, angry, again = (speak("I never said that.", voice, "en", e) for e in ("sad", "angry", "sad"))
    assert sad.duration > angry.duration * 1.08
    assert np.array_equal(sad.pcm, again.pcm)


def test_a_missing_voice_is_named() -> None:
    with pytest.raises(LookupError, match="xx_nobody"):
        speak("Hello.", Voice("xx_nobody"), "en")


def test_every_cast_voice_is_here_and_well_formed() -> None:
    for timbre in TIMBRES:
        assert (engines.VOICES / f"{timbre.id}.bin").stat().st_size == 510 * 256 * 4
