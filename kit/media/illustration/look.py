"""What one character looks like in every picture: a frozen set of named parts."""

from __future__ import annotations

from dataclasses import dataclass

SPECIES = ("human", "cat", "dog", "fox", "wolf", "bear", "rabbit", "bird", "animal")
BUILDS = ("man", "woman")
AGES = ("child", "young", "adult", "old")
SKINS = {
    "porcelain": "#f9dcc6",
    "fair": "#f3c6a2",
    "warm": "#e6ae82",
    "tan": "#cf9164",
    "brown": "#a96f48",
    "deep": "#74482f",
}
HAIR_COLOURS = {
    "black": "#25222e",
    "dark-brown": "#3d2922",
    "brown": "#6a4230",
    "chestnut": "#8a4a2c",
    "red": "#b9482a",
    "blonde": "#e0b565",
    "platinum": "#efe2c8",
    "grey": "#9d9ca6",
    "white": "#e9e8ef",
    "blue": "#3b5fa8",
    "pink": "#e07a9d",
    "violet": "#6d4a9a",
    "green": "#3f7a5c",
}
CLOTH_COLOURS = {
    "black": "#2a2a35",
    "white": "#ece8e4",
    "grey": "#7d8290",
    "charcoal": "#444956",
    "navy": "#27365f",
    "blue": "#3f6fb5",
    "teal": "#2d7f80",
    "green": "#3f7a4f",
    "olive": "#6d6f40",
    "brown": "#6f4b37",
    "beige": "#cdb491",
    "red": "#b8323d",
    "wine": "#752a42",
    "pink": "#d98aa2",
    "violet": "#66478f",
    "yellow": "#dcae44",
    "orange": "#cf6f3a",
    "gold": "#b98f3e",
}
SHORT_HAIR = ("swept", "quiff", "messy", "twoblock", "sidecut", "buzz", "curls", "spiky", "slick")
LONG_HAIR = ("long", "wavy", "bob", "shoulder", "ponytail", "bun", "fringe", "pixie", "halfup", "braids")
OTHER_HAIR = ("bald", "receding", "afro", "manlong", "topknot", "updo", "hijab", "turban")
CLOTHES = (
    "suit", "coat", "shirt", "tee", "hoodie", "sweater", "turtleneck", "dress", "blouse", "jacket", "labcoat", "uniform",
    "schoolwear", "robe", "apron", "gown", "armour",
)  # fmt: skip
BEARDS = ("none", "stubble", "moustache", "goatee", "beard", "long-beard")
GLASSES = ("none", "round", "square", "shades", "eyepatch")
HEADWEAR = ("none", "crown", "cap", "hat", "beanie", "hairpin", "headband", "helmet")


@dataclass(frozen=True)
class Look:
    """Named parts of one character. Every name is a member of the tuple or key of the table of the same meaning above.

    `mark` is a small permanent sign (`none`, `freckles`, `mole`, `scar`, `earrings`, `necklace`); animals keep `hair_colour` as the
    colour of their fur.
    """

    species: str = "human"
    build: str = "woman"
    age: str = "adult"
    skin: str = "fair"
    hair: str = "long"
    hair_colour: str = "black"
    beard: str = "none"
    glasses: str = "none"
    clothes: str = "shirt"
    clothes_colour: str = "navy"
    headwear: str = "none"
    mark: str = "none"
    eyes: str = "#4a3326"
