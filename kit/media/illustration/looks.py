# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""Choosing a character's parts: what the description says, then a stable hash for what it leaves open."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace

from kit.media.illustration import words
from kit.media.illustration.look import CLOTH_COLOURS, HAIR_COLOURS, LONG_HAIR, SHORT_HAIR, Look
from kit.media.specs import CharacterSpec

_IRISES = ("#5a3a26", "#4a3326", "#6b4a2c", "#3f4a5c", "#4f6a52")
_COLOUR_WORDS = "|".join(
    ("black", "white", "grey", "gray", "brown", "red", "orange", "ginger", "golden", "tabby", "silver")
)
_FURS = {
    "cat": ("grey", "black", "chestnut", "white"),
    "dog": ("blonde", "brown", "chestnut", "white"),
    "fox": ("red",),
    "wolf": ("grey", "white", "black"),
    "bear": ("brown", "dark-brown"),
    "rabbit": ("white", "platinum", "grey"),
    "bird": ("blue", "green", "black"),
    "animal": ("brown", "chestnut", "grey"),
}
_FUR_WORDS: words.Table = (
    ("black", "black|crow|raven|乌鸦|黑|까마귀|검은"),
    ("white", "white|snow|白|흰|하얀"),
    ("grey", "grey|gray|silver|灰|银|회색|은색"),
    ("red", "red|orange|ginger|fox|橙|橘|红|주황|붉은|빨간"),
    ("blonde", "golden|yellow|blonde|retriever|金|黄|금색|노란|누런"),
    ("brown", "brown|tabby|棕|褐|갈색"),
    ("blue", "blue|蓝|파란"),
    ("green", "green|parrot|绿|鹦鹉|초록|앵무새"),
)
_MENS_CLOTHES = ("suit", "shirt", "coat", "jacket", "turtleneck", "sweater", "hoodie")
_WOMENS_CLOTHES = ("blouse", "coat", "dress", "sweater", "suit", "turtleneck", "jacket")
_CHILDS_CLOTHES = ("hoodie", "tee", "sweater", "schoolwear")
_PLAIN_COLOURS = (
    "navy",
    "charcoal",
    "wine",
    "teal",
    "beige",
    "green",
    "white",
    "brown",
    "violet",
    "blue",
    "black",
    "red",
    "pink",
    "olive",
)


class _Dice:
    """Repeatable choices: the same key and question always give the same answer."""

    def __init__(self, key: str) -> None:
        self._key = key

    def pick(self, question: str, options: Sequence[str]) -> str:
        """Return one of `options`."""
        return options[self.roll(question, len(options))]

    def roll(self, question: str, sides: int) -> int:
        """Return a number in 0..sides-1."""
        digest = hashlib.blake2b(f"{self._key}\0{question}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") % sides


def look_for(character: CharacterSpec) -> Look:
    """Return the named parts of one character, the same for the same id, name, gender and description."""
    dice = _Dice(f"{character.id}\0{character.name}")
    species = species_of(character)
    text = character.description
    if species != "human":
        fur = words.first(f"{text} {character.name}", _FUR_WORDS)
        if species == "fox" and fur == "black":
            fur = "red"
        eyes = words.first(text, words.EYES) or dice.pick("eyes", ("#8aa83c", "#d09a30", "#5a8fae"))
        return Look(species=species, hair_colour=fur or dice.pick("fur", _FURS[species]), eyes=eyes)
    build = _build(character, dice)
    age = words.first(text, words.AGES) or _age_in_years(text) or dice.pick("age", ("adult", "adult", "young"))
    colour = words.first(text, words.HAIR_COLOURS)
    if not colour and age == "old":
        colour = dice.pick("hair colour", ("grey", "white"))
    hair = _hair(text, build, age, dice)
    clothes = words.first(text, words.CLOTHES) or _plain_clothes(build, age, dice)
    beard = words.first(text, words.BEARDS) if build == "man" and age != "child" else ""
    if not beard and build == "man" and age == "old":
        beard = dice.pick("beard", ("none", "moustache", "beard"))
    eyes = words.first(text, words.EYES) or dice.pick("eyes", _IRISES)
    marks = ("none", "none", "earrings", "necklace") if build == "woman" and age != "child" else ("none",)
    headwear = words.first(text, words.HEADWEAR)
    if build == "man" and headwear == "hairpin":
        headwear = "none"
    if headwear == "crown" and clothes != "robe" and clothes != "gown":
        headwear = "none"
    return Look(
        build=build,
        age=age,
        skin=words.first(text, words.SKINS) or dice.pick("skin", ("fair", "fair", "warm", "porcelain")),
        hair=hair,
        hair_colour=colour or dice.pick("hair colour", ("black", "black", "dark-brown", "brown", "chestnut")),
        beard=beard or "none",
        glasses=words.first(text, words.GLASSES) or "none",
        clothes=clothes,
        clothes_colour=_garment_colour(text) or _default_colour(clothes, dice),
        headwear=headwear or "none",
        mark=words.first(text, words.MARKS) or dice.pick("mark", marks),
        eyes=eyes,
    )


def looks_for(cast: Sequence[CharacterSpec]) -> dict[str, Look]:
    """Return every member's look by id. Where two members would look alike, the later one changes parts that its description leaves open."""
    looks: dict[str, Look] = {}
    for member in sorted(cast, key=lambda one: (-_said(one.description), one.id)):
        look = look_for(member)
        dice = _Dice(f"{member.id}\0{member.name}\0clash")
        for attempt in range(12):
            if not any(_alike(look, other) for other in looks.values()):
                break
            look = _vary(member, look, dice, attempt)
        looks[member.id] = look
    return {member.id: looks[member.id] for member in cast}


def _said(text: str) -> int:
    """How many parts a description fixes: who is described most closely keeps them first."""
    tables = (words.HAIR, words.HAIR_COLOURS, words.CLOTHES)
    return sum(bool(words.first(text, table)) for table in tables) + bool(_garment_colour(text))


def species_of(character: CharacterSpec) -> str:
    """Return the character's species; people who merely have to do with animals stay people."""
    name, text = character.name, character.description
    gendered = character.gender.strip().lower() in ("male", "female", "man", "woman")
    named = "" if gendered else words.first(name, words.SPECIES)  # Robin and Wolf are names of people, too
    if named and not words.says(text, words.WOMAN + "|" + words.MAN) and not words.says(name, words.NOT_ANIMAL):
        return named
    text = re.sub(rf"^\s*{re.escape(name)}\b[\s,:，：]*", "", text, flags=re.IGNORECASE) if name else text
    head = re.split(r"[,.;:，。；：、]|\bwho\b|\bwith\b|\bwhose\b|\b's\b", text, maxsplit=1)[0][:80]
    found = words.first(head, words.SPECIES)
    if not found or words.says(head, words.NOT_ANIMAL):
        return "human"
    return found


def _build(character: CharacterSpec, dice: _Dice) -> str:
    gender = character.gender.strip().lower()
    if gender in ("female", "woman", "girl", "f", "女", "여", "여성", "女性", "여자"):
        return "woman"
    if gender in ("male", "man", "boy", "m", "男", "남", "남성", "男性", "남자"):
        return "man"
    pronouns = {
        sex for sex, said in (("woman", words.SHE), ("man", words.HE)) if words.says(character.description, said)
    }
    if len(pronouns) == 1:
        return pronouns.pop()
    sexes = (("woman", words.WOMAN), ("man", words.MAN))
    return words.earliest(character.description, sexes) or dice.pick("build", ("woman", "man"))


def _age_in_years(text: str) -> str:
    found = re.search(r"\b(\d{1,2})(?=\s*(?:,|-?year|years|岁|세|살|\)|$))|(\d{1,2})\s*(?:岁|歲|세|살)", text)
    if not found:
        return ""
    years = int(found.group(1) or found.group(2))
    return "child" if years < 13 else "young" if years < 27 else "adult" if years < 60 else "old"


def _hair(text: str, build: str, age: str, dice: _Dice) -> str:
    hair = words.first(text, words.HAIR)
    if build == "man":
        swap = {
            "long": "manlong",
            "wavy": "curls",
            "bob": "messy",
            "fringe": "twoblock",
            "bun": "topknot",
            "updo": "topknot",
            "ponytail": "manlong",
            "braids": "manlong",
        }
        hair = swap.get(hair, hair)
        if not hair:
            return dice.pick(
                "hair",
                ("receding", "slick", "sidecut", "bald")
                if age == "old"
                else ("messy", "twoblock", "spiky")
                if age == "child"
                else (*SHORT_HAIR[:5], "slick"),
            )
        return hair
    swap = {
        "messy": "wavy",
        "slick": "bun",
        "spiky": "pixie",
        "topknot": "bun",
        "curls": "afro" if "deep" in words.first(text, words.SKINS) else "wavy",
        "buzz": "pixie",
        "receding": "bun",
    }
    hair = swap.get(hair, hair)
    if not hair:
        return dice.pick(
            "hair",
            ("bun", "bob", "shoulder")
            if age == "old"
            else ("braids", "bob", "fringe", "ponytail")
            if age == "child"
            else LONG_HAIR[:9],
        )
    return hair


def _plain_clothes(build: str, age: str, dice: _Dice) -> str:
    if age == "child":
        return dice.pick("clothes", _CHILDS_CLOTHES)
    return dice.pick("clothes", _MENS_CLOTHES if build == "man" else _WOMENS_CLOTHES)


def _garment_colour(text: str) -> str:
    """Return the colour word that stands before a piece of clothing ('a long red coat'), or an empty string."""
    for found in re.finditer(rf"((?:[\w-]+\s+){{1,3}})(?:{words.GARMENTS})\b", text, re.IGNORECASE):
        colour = words.first(found.group(1), words.COLOURS)
        if colour:
            return colour
    for found in re.finditer(rf"(.{{1,6}}?)(?:{words.GARMENTS_EAST})", text):
        colour = words.first(found.group(1), words.COLOURS)
        if colour:
            return colour
    return ""


def _default_colour(clothes: str, dice: _Dice) -> str:
    own = {
        "suit": ("navy", "charcoal", "black", "grey", "wine"),
        "uniform": ("navy", "charcoal", "olive"),
        "schoolwear": ("navy", "charcoal", "wine"),
        "gown": ("white", "wine", "teal", "violet", "gold"),
        "robe": ("wine", "navy", "teal", "violet", "green"),
        "labcoat": ("teal", "blue", "navy"),
        "coat": ("beige", "navy", "wine", "charcoal", "olive", "teal"),
    }.get(clothes, _PLAIN_COLOURS)
    return dice.pick("clothes colour", own)


def _alike(first: Look, second: Look) -> bool:
    """Return whether somebody could take one for the other: too few of the parts that are seen from afar differ."""
    if first.species != second.species:
        return False
    if first.species != "human":
        return first.hair_colour == second.hair_colour
    if first.build != second.build or first.age != second.age:
        return first.hair == second.hair and first.clothes_colour == second.clothes_colour
    seen = ("hair", "hair_colour", "clothes_colour", "beard", "glasses", "headwear")
    differences = sum(2 for part in seen if getattr(first, part) != getattr(second, part)) + (
        first.clothes != second.clothes
    )
    return differences < 4


def _vary(member: CharacterSpec, look: Look, dice: _Dice, attempt: int) -> Look:
    text = member.description
    question = f"try {attempt}"
    if look.species != "human":
        furs = [name for name in HAIR_COLOURS if name not in ("pink", "violet", "green")]
        return replace(look, hair_colour=dice.pick(question, furs))
    step = attempt % 3
    if step == 0 and (not _garment_colour(text) or attempt > 5):
        return replace(
            look,
            clothes_colour=dice.pick(
                question, [name for name in CLOTH_COLOURS if name not in ("gold", "yellow", "orange")]
            ),
        )
    if step == 1 and (not words.first(text, words.HAIR) or attempt > 5):
        return replace(look, hair=_hair("", look.build, look.age, _Dice(f"{member.id}{question}")))
    if not words.first(text, words.HAIR_COLOURS) or attempt > 8:
        return replace(
            look,
            hair_colour=dice.pick(
                question,
                ("black", "dark-brown", "brown", "chestnut", "red", "blonde")
                if look.age != "old"
                else ("grey", "white"),
            ),
        )
    return look
