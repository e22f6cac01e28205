# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""Eyes, brows, nose and mouth of people. The origin is the middle of the line through the eyes."""

from __future__ import annotations

from dataclasses import dataclass

from kit.media.illustration.colours import darker, lighter, mix
from kit.media.illustration.look import HAIR_COLOURS, SKINS, Look

INK = "#2a1a22"


@dataclass(frozen=True)
class Mood:
    """How an emotion bends a neutral face. `inner`, `outer`: fall of the brow's ends in units; `lid`: openness of the eyes; `slant`: fall
    of the upper lid towards the nose; `curve`: rise of the mouth's corners; `iris`: its size; `extra`: blush, tear or sweat."""

    inner: float = 0
    outer: float = 0
    lid: float = 1.0
    slant: float = 0
    curve: float = 0.15
    iris: float = 1.0
    gaze: float = 0
    extra: str = ""


MOODS = {
    "neutral": Mood(),
    "happy": Mood(inner=-4, outer=-3, lid=0.86, curve=1.0, extra="blush"),
    "sad": Mood(inner=-13, outer=7, lid=0.74, slant=-5, curve=-0.85, gaze=2.5, extra="tear"),
    "angry": Mood(inner=13, outer=-9, lid=0.82, slant=8, curve=-0.7, iris=0.92),
    "afraid": Mood(inner=-12, outer=2, lid=1.18, slant=-3, curve=-0.55, iris=0.76, extra="sweat"),
    "surprised": Mood(inner=-15, outer=-13, lid=1.24, curve=0.0, iris=0.8),
    "tender": Mood(inner=-5, outer=3, lid=0.7, slant=-2, curve=0.6, gaze=1.5, extra="blush"),
    "determined": Mood(inner=9, outer=-5, lid=0.84, slant=5, curve=-0.2),
}

_OPENING = {"closed": 0.0, "small": 7.0, "open": 17.0, "wide": 24.0, "round": 17.0, "teeth": 12.0}
_WIDTH = {"closed": 23.0, "small": 20.0, "open": 24.0, "wide": 27.0, "round": 14.5, "teeth": 27.0}


def mood_of(emotion: str) -> Mood:
    """Return the mood of an emotion; an unknown one is neutral."""
    return MOODS.get(emotion, MOODS["neutral"])


def eyes_svg(look: Look, emotion: str, state: str) -> str:
    """Return eyes, brows and signs of feeling (blush, tear, sweat)."""
    mood = mood_of(emotion)
    return _extras(look, mood) + _eyes(look, mood, state) + _brows(look, mood)


def mouth_svg(look: Look, emotion: str, state: str) -> str:
    """Return the mouth in one of the states of `MOUTHS`."""
    return _mouth(look, mood_of(emotion), state)


def nose_svg(look: Look) -> str:
    """Return the nose: a soft shade, a line and a light."""
    skin = SKINS[look.skin]
    deep = darker(skin, 0.3, "#6a1f2c")
    size = {"child": 0.7, "old": 1.15}.get(look.age, 1.12 if look.build == "man" else 0.9)
    return (
        f'<g transform="translate(0 52) scale({size})">'
        f'<path d="M-2,-30 C-8,-12 -15,-1 -13,6 C-9,12 8,13 12,6 C7,10 0,9 -3,3 Z" fill="{deep}" opacity=".28"/>'
        f'<path d="M-11,6 C-7,11 4,12 10,6" fill="none" stroke="{darker(skin, 0.5, "#4a1520")}" stroke-width="3" stroke-linecap="round"/>'
        f'<ellipse cx="3" cy="-3" rx="3.4" ry="5" fill="{lighter(skin, 0.75)}" opacity=".6"/></g>'
    )


def _eyes(look: Look, mood: Mood, state: str) -> str:
    child = look.age == "child"
    woman = look.build == "woman"
    half = 25.0 if child else (23.5 if woman else 21.5)
    high = (21.0 if child else (17.5 if woman else 12.5)) * mood.lid
    gap = 41.0 if woman or child else 40.0
    parts = [_eye(look, mood, state, side * gap, side, half, high) for side in (-1, 1)]
    return "".join(parts)


def _eye(look: Look, mood: Mood, state: str, x: float, side: int, half: float, high: float) -> str:
    woman = look.build == "woman" and look.age != "old"
    lash = mix(INK, HAIR_COLOURS[look.hair_colour], 0.15)
    weight = 5.6 if woman else 4.6
    skin = SKINS[look.skin]
    inner, outer = -half + 1, half
    flip = f'transform="translate({x} 8) scale({side} 1)"'
    if state == "closed":
        droop = 5 if mood.curve > 0.4 else 9
        smile = -1 if mood.curve > 0.8 else 1
        curve = f"M{inner},{3 - smile * 1} Q0,{3 + smile * droop * 1.4} {outer},{-1}"
        tips = f'<path d="M{outer - 4},2 L{outer + 5},{4 * smile} M{outer - 10},5 L{outer - 3},{9 * smile}" stroke="{lash}" stroke-width="3"/>'
        return (
            f'<g {flip} fill="none" stroke-linecap="round">'
            f'<path d="M{inner + 2},-9 Q0,{-high * 0.8 - 6} {outer},-9" stroke="{darker(skin, 0.4, "#6a2a30")}" stroke-width="2" opacity=".6"/>'
            f'<path d="{curve}" stroke="{lash}" stroke-width="{weight}"/>{tips if woman else ""}</g>'
        )
    ident = f"e{'l' if side < 0 else 'r'}"
    top_in = -high + mood.slant + max(0.0, mood.slant) * 0.4
    top_out = -high - mood.slant * 0.2
    low = high * 0.78 if mood.curve < 0.8 else high * 0.52
    shape = (
        f"M{inner},4 C{inner + 4},{top_in * 0.7:.1f} {-half * 0.35:.1f},{top_in:.1f} {half * 0.15:.1f},{(top_in + top_out) / 2:.1f} "
        f"C{half * 0.6:.1f},{top_out:.1f} {outer - 2},{top_out * 0.45:.1f} {outer},-1 "
        f"C{half * 0.75:.1f},{low:.1f} {-half * 0.5:.1f},{low + 2:.1f} {inner},4 Z"
    )
    lid = (
        f"M{inner - 2},5 C{inner + 3},{top_in * 0.72:.1f} {-half * 0.35:.1f},{top_in - 1:.1f} {half * 0.15:.1f},{(top_in + top_out) / 2 - 1:.1f} "
        f"C{half * 0.6:.1f},{top_out - 1:.1f} {outer - 2},{top_out * 0.5:.1f} {outer + (5 if woman else 1)},{-4 if woman else 0}"
    )
    iris = (14.5 if look.age == "child" else (12.8 if woman else 9.8)) * mood.iris
    iy = mood.gaze - 1.5
    iris_dark = darker(look.eyes, 0.55)
    crease = f"M{inner + 3},{top_in * 0.8 - 5:.1f} Q{half * 0.1:.1f},{(top_in + top_out) / 2 - 9:.1f} {outer - 1},{top_out * 0.55 - 5:.1f}"
    bag = ""
    if look.age == "old":
        bag = f'<path d="M{inner + 4},{low + 7:.1f} Q0,{low + 13:.1f} {outer - 4},{low + 4:.1f}" stroke="{darker(skin, 0.4, "#6a2a30")}" stroke-width="2" fill="none" opacity=".55"/>'
    return (
        f'<clipPath id="{ident}"><path d="{shape}"/></clipPath>'.replace("<clipPath", f"<g {flip}><clipPath")
        + f'<path d="{shape}" fill="#fdf8f4"/>'
        + f'<g clip-path="url(#{ident})"><rect x="-40" y="{-high - 6:.1f}" width="80" height="{high * 0.62 + 6:.1f}" fill="#5b4a6a" opacity=".22"/>'
        + f'<circle cx="0.5" cy="{iy}" r="{iris + 1.6:.1f}" fill="{iris_dark}"/><circle cx="0.5" cy="{iy + 1.2}" r="{iris - 0.6:.1f}" fill="{look.eyes}"/>'
        + f'<ellipse cx="0.5" cy="{iy + iris * 0.55:.1f}" rx="{iris * 0.66:.1f}" ry="{iris * 0.42:.1f}" fill="{lighter(look.eyes, 0.45)}" opacity=".8"/>'
        + f'<circle cx="0.5" cy="{iy}" r="{iris * 0.5:.1f}" fill="#130c14"/></g>'
        + f'<circle cx="{-side * 4 + 1}" cy="{iy - iris * 0.42:.1f}" r="{iris * 0.3:.1f}" fill="#fff"/>'
        + f'<circle cx="{side * 4.5}" cy="{iy + iris * 0.5:.1f}" r="{iris * 0.15:.1f}" fill="#fff" opacity=".85"/>'
        + f'<path d="{crease}" fill="none" stroke="{darker(skin, 0.42, "#6a2a30")}" stroke-width="2.2" stroke-linecap="round" opacity=".75"/>'
        + f'<path d="{lid}" fill="none" stroke="{lash}" stroke-width="{weight}" stroke-linecap="round" stroke-linejoin="round"/>'
        + f'<path d="M{half * 0.75:.1f},{low * 0.55:.1f} Q{half * 0.2:.1f},{low + 1.5:.1f} {-half * 0.4:.1f},{low + 1.2:.1f}" fill="none" stroke="{lash}" stroke-width="1.8" opacity=".55" stroke-linecap="round"/>'
        + (
            f'<path d="M{outer},-4 L{outer + 8},-10" stroke="{lash}" stroke-width="3.4" stroke-linecap="round"/>'
            if woman
            else ""
        )
        + bag
        + "</g>"
    )


def _brows(look: Look, mood: Mood) -> str:
    colour = darker(HAIR_COLOURS[look.hair_colour], 0.35)
    if look.hair_colour in ("blonde", "platinum", "white", "grey"):
        colour = darker(HAIR_COLOURS[look.hair_colour], 0.45, "#4a3a30")
    thick = 9.5 if look.build == "man" else 6.0
    if look.age == "child":
        thick = 6.0
    y = -27.0 if look.build == "man" and look.age != "child" else -32.0
    parts = []
    for side in (-1, 1):
        start, end = y + mood.inner, y + mood.outer
        peak = min(start, end) - (5 if mood.inner <= 4 else 1)
        parts.append(
            f'<path transform="scale({side} 1)" d="M17,{start + 1:.1f} C28,{start * 0.6 + peak * 0.4 - 2:.1f} 48,{peak - 2:.1f} 70,{end + 3:.1f} '
            f'C52,{peak + thick * 0.55:.1f} 32,{start * 0.7 + peak * 0.3 + thick:.1f} 18,{start + thick:.1f} Q14,{start + thick * 0.5:.1f} 17,{start + 1:.1f} Z" fill="{colour}"/>'
        )
    if mood.inner > 10:
        crease = darker(SKINS[look.skin], 0.45, "#5a1f2c")
        parts.append(
            f'<path d="M-6,-30 L-8,-16 M6,-30 L8,-16" stroke="{crease}" stroke-width="2.4" stroke-linecap="round" opacity=".6"/>'
        )
    return "".join(parts)


def _mouth(look: Look, mood: Mood, state: str) -> str:
    skin = SKINS[look.skin]
    woman = look.build == "woman" and look.age in ("young", "adult")
    lip = mix(skin, "#c2384c", 0.62) if woman else mix(skin, "#9c3f3c", 0.4)
    line = darker(mix(skin, "#8a2a35", 0.55), 0.35, "#3a0f1a")
    scale = 0.82 if look.age == "child" else (1.0 if woman else 1.06)
    half, opening, curve = _WIDTH[state], _OPENING[state], mood.curve
    if state == "closed" and curve > 0.8:
        half += 4
    corner = -curve * 5.5
    low = curve * 6.5
    body = []
    if state == "closed":
        body.append(
            f'<path d="M{-half * 0.72:.1f},{corner * 0.4 - 1:.1f} Q-7,-7 0,{low * 0.5 - 3.5:.1f} Q7,-7 {half * 0.72:.1f},{corner * 0.4 - 1:.1f} L0,{low * 0.7 + 2:.1f} Z" fill="{lip}" opacity="{0.75 if woman else 0.25}"/>'
            f'<path d="M{-half * 0.62:.1f},{low * 0.4 + 1:.1f} Q0,{low + 15:.1f} {half * 0.62:.1f},{low * 0.4 + 1:.1f} Q0,{low + 3:.1f} {-half * 0.62:.1f},{low * 0.4 + 1:.1f} Z" fill="{lip}" opacity="{0.85 if woman else 0.3}"/>'
            f'<path d="M{-half:.1f},{corner:.1f} Q0,{low + 1:.1f} {half:.1f},{corner:.1f}" fill="none" stroke="{line}" stroke-width="3.6" stroke-linecap="round"/>'
        )
        if woman:
            body.append(f'<ellipse cx="1" cy="{low * 0.8 + 6:.1f}" rx="6" ry="1.8" fill="#fff" opacity=".4"/>')
    else:
        top = low * 0.25 - opening * 0.3
        bottom = opening * 1.35 + low
        sag = corner + (opening * 0.12 if state != "round" else 2)
        shape = (
            f"M{-half},{sag:.1f} C{-half * 0.7:.1f},{top - 2:.1f} {-half * 0.3:.1f},{top - 1.5:.1f} 0,{top:.1f} C{half * 0.3:.1f},{top - 1.5:.1f} {half * 0.7:.1f},{top - 2:.1f} {half},{sag:.1f} "
            f"C{half * 0.86:.1f},{bottom * 0.8:.1f} {half * 0.45:.1f},{bottom:.1f} 0,{bottom:.1f} C{-half * 0.45:.1f},{bottom:.1f} {-half * 0.86:.1f},{bottom * 0.8:.1f} {-half},{sag:.1f} Z"
        )
        body.append(
            f'<clipPath id="mo"><path d="{shape}"/></clipPath><path d="{shape}" fill="#4b1420"/><g clip-path="url(#mo)">'
        )
        if state in ("open", "wide", "round"):
            body.append(
                f'<ellipse cx="0" cy="{bottom + 1:.1f}" rx="{half * 0.72:.1f}" ry="{opening * 0.62:.1f}" fill="#c9485a"/>'
            )
        if state == "teeth":
            body.append(
                f'<rect x="-40" y="{top - 4:.1f}" width="80" height="{bottom - top + 2:.1f}" fill="#fbf6f0"/><path d="M-40,{(top + bottom) / 2 + 1:.1f} H40" stroke="#b9a8a4" stroke-width="1.6"/>'
            )
        elif state in ("open", "wide"):
            body.append(
                f'<rect x="{-half}" y="{top - 6:.1f}" width="{half * 2}" height="{6 + opening * 0.36:.1f}" fill="#fbf6f0"/>'
            )
        body.append(
            f'</g><path d="{shape}" fill="none" stroke="{lip if woman else line}" stroke-width="{4.4 if woman else 3.2}" stroke-linejoin="round"/>'
        )
    shadow = (
        ""
        if opening > 17
        else f'<path d="M-11,{(opening * 1.35 + low) + 12:.1f} Q0,{(opening * 1.35 + low) + 16:.1f} 11,{(opening * 1.35 + low) + 12:.1f}" stroke="{darker(skin, 0.35, "#6a1f2c")}" stroke-width="3" fill="none" stroke-linecap="round" opacity=".4"/>'
    )
    return f'<g transform="translate(0 82) scale({scale})">{shadow}{"".join(body)}</g>'


def _extras(look: Look, mood: Mood) -> str:
    if mood.extra == "blush":
        tone = mix(SKINS[look.skin], "#e0405a", 0.55)
        return f'<g fill="{tone}" opacity=".24"><ellipse cx="-56" cy="46" rx="22" ry="12"/><ellipse cx="56" cy="46" rx="22" ry="12"/></g>'
    if mood.extra == "tear":
        return (
            '<path d="M-57,24 C-59,40 -63,48 -62,58 C-61,67 -50,67 -50,58 C-50,48 -54,38 -54,24 Z" fill="#d6efff" opacity=".82"/>'
            '<ellipse cx="-58" cy="56" rx="2.4" ry="4.5" fill="#fff" opacity=".9"/><ellipse cx="42" cy="25" rx="13" ry="3" fill="#e6f6ff" opacity=".75"/>'
        )
    if mood.extra == "sweat":
        return '<path d="M78,-58 C70,-42 68,-34 74,-29 C81,-25 88,-31 86,-40 C85,-47 81,-52 78,-58 Z" fill="#cfe9fb" opacity=".85"/>'
    return ""
