"""Who looks like what: parts follow the words, and the cast can be told apart."""

from __future__ import annotations

import pytest

from kit.media.illustration import look_for, looks_for
from kit.media.illustration.look import (
    AGES,
    BEARDS,
    CLOTH_COLOURS,
    CLOTHES,
    GLASSES,
    HAIR_COLOURS,
    HEADWEAR,
    SKINS,
    SPECIES,
)
from kit.media.specs import CharacterSpec


def person(description: str, *, gender: str = "", id: str = "c1", name: str = "Robin") -> CharacterSpec:
    return CharacterSpec(id, name, description, gender)


@pytest.mark.parametrize(
    ("description", "part", "expected"),
    [
        ("an elderly clockmaker, grey-haired, with a beard and round glasses", "hair_colour", "grey"),
        ("an elderly clockmaker, grey-haired, with a beard and round glasses", "beard", "beard"),
        ("an elderly clockmaker, grey-haired, with a beard and round glasses", "glasses", "round"),
        ("an elderly clockmaker, grey-haired, with a beard and round glasses", "age", "old"),
        ("a lawyer in a long red coat", "clothes_colour", "red"),
        ("a lawyer in a long red coat", "clothes", "coat"),
        ("a surgeon of forty", "clothes", "labcoat"),
        ("六十岁的老者，白发，戴眼镜，穿蓝色西装", "hair_colour", "white"),
        ("六十岁的老者，白发，戴眼镜，穿蓝色西装", "clothes_colour", "blue"),
        ("六十岁的老者，白发，戴眼镜，穿蓝色西装", "glasses", "square"),
        ("수염을 기른 형사, 검은 코트", "beard", "beard"),
        ("수염을 기른 형사, 검은 코트", "clothes", "coat"),
        ("수염을 기른 형사, 검은 코트", "clothes_colour", "black"),
    ],
)
def test_words_become_parts_in_three_languages(description: str, part: str, expected: str) -> None:
    assert getattr(look_for(person(description, gender="male")), part) == expected


def test_long_black_hair_of_a_woman() -> None:
    look = look_for(person("long black hair, green eyes", gender="female"))
    assert (look.build, look.hair, look.hair_colour, look.eyes) == ("woman", "long", "black", "#4c8050")


def test_gender_is_read_from_the_description_when_the_field_does_not_say() -> None:
    assert look_for(person("the king's lost daughter, she is brave")).build == "woman"
    assert look_for(person("한 남자, 서른", gender="other")).build == "man"


@pytest.mark.parametrize(
    ("name", "description", "species"),
    [
        ("Miso", "a grey cat who talks", "cat"),
        ("Miso", "Miso, an old black cat", "cat"),
        ("Rex", "a loyal dog", "dog"),
        ("小白", "一只白色的狐狸", "fox"),
        ("까미", "말하는 까마귀", "bird"),
        ("Ann", "a doctor, the owner of a cat", "human"),
        ("Ann", "a woman who loves her dog", "human"),
    ],
)
def test_an_animal_stays_its_species_and_its_owner_a_person(name: str, description: str, species: str) -> None:
    assert look_for(person(description, name=name)).species == species


def test_a_look_depends_on_nothing_but_the_character() -> None:
    one = person("a singer", gender="female")
    assert look_for(one) == look_for(person("a singer", gender="female"))
    many = [look_for(person("a singer", gender="female", id=f"c{n}")) for n in range(12)]
    assert len(set(many)) > 6


def test_members_of_a_cast_can_be_told_apart_whatever_order_they_come_in() -> None:
    cast = [CharacterSpec(f"c{n}", f"Name {n}", "a businessman in a black suit", "male") for n in range(6)]
    looks = looks_for(cast)
    seen = {(look.hair, look.hair_colour, look.clothes_colour) for look in looks.values()}
    assert len(seen) == len(cast)
    assert looks_for(list(reversed(cast))) == looks


def test_who_is_described_closely_keeps_the_described_parts() -> None:
    closely = CharacterSpec("z9", "Jun", "short black hair, black suit", "male")
    cast = [*(CharacterSpec(f"c{n}", f"N{n}", "a man", "male") for n in range(5)), closely]
    assert looks_for(cast)["z9"] == look_for(closely)


def test_every_part_is_a_known_name() -> None:
    for n in range(60):
        look = look_for(
            CharacterSpec(
                f"c{n}", f"N{n}", ("", "old", "a child", "a doctor", "a king")[n % 5], ("male", "female")[n % 2]
            )
        )
        assert look.species in SPECIES
        assert look.age in AGES
        assert look.skin in SKINS
        assert look.hair_colour in HAIR_COLOURS
        assert look.beard in BEARDS
        assert look.glasses in GLASSES
        assert look.clothes in CLOTHES
        assert look.clothes_colour in CLOTH_COLOURS
        assert look.headwear in HEADWEAR
