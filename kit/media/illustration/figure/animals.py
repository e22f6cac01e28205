# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""Animals that speak: a front view of head and chest, with the same moods, mouths and eyes as people."""

from __future__ import annotations

from dataclasses import dataclass

from kit.media.illustration.colours import darker, lighter, mix
from kit.media.illustration.figure.face import INK, mood_of
from kit.media.illustration.layers import Face
from kit.media.illustration.look import HAIR_COLOURS, Look


@dataclass(frozen=True)
class Beast:
    """Proportions of a species: `ears` shape name, `snout` width and height in units, `cheeks` fluff width, `beak`."""

    ears: str
    snout: tuple[float, float]
    cheeks: float
    head: tuple[float, float] = (128.0, 112.0)
    beak: bool = False


BEASTS = {
    "cat": Beast("point", (44, 30), 24),
    "dog": Beast("flop", (58, 50), 6, (118, 116)),
    "fox": Beast("point", (50, 52), 46, (116, 104)),
    "wolf": Beast("point", (58, 58), 40, (122, 112)),
    "bear": Beast("round", (58, 46), 4, (132, 120)),
    "rabbit": Beast("long", (42, 32), 14, (112, 108)),
    "bird": Beast("none", (40, 40), 0, (112, 112), beak=True),
    "animal": Beast("round", (50, 42), 14),
}

_EARS = {
    "point": "M-112,-40 C-128,-110 -124,-168 -112,-190 C-76,-172 -44,-138 -30,-104 Z",
    "round": "M-124,-50 C-168,-86 -148,-156 -100,-150 C-72,-148 -54,-120 -56,-92 Z",
    "flop": "M-86,-104 C-140,-122 -176,-70 -166,10 C-162,50 -130,58 -118,26 C-110,-6 -110,-40 -78,-84 Z",
    "long": "M-88,-84 C-120,-180 -110,-286 -74,-292 C-36,-290 -24,-190 -26,-98 Z",
}
_INNER = {
    "point": "M-102,-66 C-112,-110 -110,-144 -104,-164 C-80,-148 -62,-126 -54,-104 Z",
    "round": "M-118,-66 C-140,-92 -126,-132 -98,-128 C-82,-124 -76,-108 -78,-96 Z",
    "flop": "",
    "long": "M-76,-110 C-96,-180 -92,-256 -74,-262 C-54,-256 -46,-180 -46,-116 Z",
}


def body_svg(look: Look) -> str:
    """Return chest and collar."""
    fur = HAIR_COLOURS[look.hair_colour]
    line = darker(fur, 0.6, "#140a18")
    pale = _pale(look)
    return (
        f'<linearGradient id="af" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="{lighter(fur, 0.1)}"/><stop offset="1" stop-color="{darker(fur, 0.3)}"/></linearGradient>'
        f'<path d="M-70,60 C-130,110 -168,190 -178,320 L-196,1300 L196,1300 L178,320 C168,190 130,110 70,60 Z" fill="url(#af)" stroke="{line}" stroke-width="5"/>'
        f'<path d="M-60,96 C-84,150 -92,220 -70,280 L-44,262 L-34,310 L-8,280 L6,322 L26,280 L48,304 L54,262 L74,278 C92,220 84,150 60,96 Z" fill="{pale}" opacity=".9"/>'
        f'<path d="M40,90 C120,150 150,300 150,1300 L300,1300 L300,60 Z" fill="{darker(fur, 0.5)}" opacity=".22" clip-path="url(#ab)"/>'
        '<clipPath id="ab"><path d="M-70,60 C-130,110 -168,190 -178,320 L-196,1300 L196,1300 L178,320 C168,190 130,110 70,60 Z"/></clipPath>'
        + _collar(look)
    )


def _pale(look: Look) -> str:
    return lighter(HAIR_COLOURS[look.hair_colour], 0.72) if look.hair_colour != "white" else "#ffffff"


def head_svg(look: Look) -> str:
    """Return ears and head. The origin is the middle between the eyes."""
    beast = BEASTS[look.species]
    fur = HAIR_COLOURS[look.hair_colour]
    line = darker(fur, 0.6, "#140a18")
    pale = _pale(look)
    wide, high = beast.head
    ear = ""
    if beast.ears != "none":
        inner = f'<path d="{_INNER[beast.ears]}" fill="{mix(fur, "#e59aa0", 0.6)}"/>' if _INNER[beast.ears] else ""
        one = f'<path d="{_EARS[beast.ears]}" fill="{darker(fur, 0.12)}" stroke="{line}" stroke-width="5" stroke-linejoin="round"/>{inner}'
        ear = one + f'<g transform="scale(-1 1)">{one}</g>'
    c = beast.cheeks
    skull = (
        f"M0,{-high} C{wide * 0.62:.0f},{-high} {wide:.0f},{-high * 0.6:.0f} {wide:.0f},0 L{wide + c:.0f},{34 + c * 0.4:.0f} L{wide - 8:.0f},48 L{wide + c * 0.5 - 6:.0f},{74 + c * 0.3:.0f} "
        f"C{wide * 0.7:.0f},100 {wide * 0.4:.0f},{high + 8:.0f} 0,{high + 10:.0f} C{-wide * 0.4:.0f},{high + 8:.0f} {-wide * 0.7:.0f},100 {-wide - c * 0.5 + 6:.0f},{74 + c * 0.3:.0f} L{-wide + 8:.0f},48 "
        f"L{-wide - c:.0f},{34 + c * 0.4:.0f} L{-wide:.0f},0 C{-wide:.0f},{-high * 0.6:.0f} {-wide * 0.62:.0f},{-high} 0,{-high} Z"
    )
    head = (
        f'<radialGradient id="ah" cx=".42" cy=".36" r=".75"><stop offset="0" stop-color="{lighter(fur, 0.22)}"/><stop offset=".6" stop-color="{fur}"/><stop offset="1" stop-color="{darker(fur, 0.32)}"/></radialGradient>'
        f'<path d="{skull}" fill="url(#ah)" stroke="{line}" stroke-width="5" stroke-linejoin="round"/>'
    )
    if look.species in ("fox", "wolf", "dog", "cat"):
        head += f'<path d="M{-wide - c + 14:.0f},{36 + c * 0.4:.0f} C-70,20 -34,40 0,34 C34,40 70,20 {wide + c - 14:.0f},{36 + c * 0.4:.0f} L{wide - 14:.0f},60 C60,{high:.0f} 24,{high + 5:.0f} 0,{high + 6:.0f} C-24,{high + 5:.0f} -60,{high:.0f} {-wide + 14:.0f},60 Z" fill="{pale}" opacity=".92"/>'
    if look.species == "cat":
        head += f'<g stroke="{darker(fur, 0.45)}" stroke-width="7" stroke-linecap="round" opacity=".7"><path d="M0,-104 V-66 M-24,-98 L-18,-68 M24,-98 L18,-68"/></g>'
    if beast.beak:
        tuft = f"M-34,{-high + 8} C-40,{-high - 40} -20,{-high - 58} -12,{-high - 66} C-12,{-high - 44} -6,{-high - 36} 2,{-high - 78} C10,{-high - 40} 22,{-high - 40} 34,{-high - 56} C34,{-high - 30} 36,{-high - 8} 30,{-high + 10} Z"
        head = f'<path d="{tuft}" fill="{fur}" stroke="{line}" stroke-width="5" stroke-linejoin="round"/>{head}'
    return ear + head


def eyes_svg(look: Look, emotion: str, state: str) -> str:
    """Return eyes and brows."""
    return _eyes(look, Face(emotion, "closed", state)) + _brows(look, Face(emotion, "closed", state))


def mouth_svg(look: Look, emotion: str, state: str) -> str:
    """Return snout or beak with the mouth."""
    return _snout(look, BEASTS[look.species], Face(emotion, state, "open"), _pale(look))


def _collar(look: Look) -> str:
    """Pets wear a collar, the homely ones a scarf, wild ones nothing."""
    band = "M-84,112 C-40,150 40,150 84,112 L92,134 C44,176 -44,176 -92,134 Z"
    if look.species in ("cat", "dog"):
        bell = '<circle cx="0" cy="166" r="15" fill="#e9c35e" stroke="#6a4a16" stroke-width="4"/>'
        return f'<path d="{band}" fill="#b8323d" stroke="#5a101c" stroke-width="4"/>{bell}'
    if look.species in ("fox", "wolf", "bird"):
        return ""
    tail = "M30,150 L74,148 C84,200 86,250 78,292 L30,300 C36,250 36,200 30,150 Z"
    stripes = '<path d="M36,210 H82 M38,262 H82" stroke="#f0e2c4" stroke-width="9"/>'
    return (
        f'<g stroke="#16324a" stroke-width="4"><path d="{tail}" fill="#2f6a8c"/>{stripes}'
        f'<path d="{band.replace("92,134", "100,148").replace("-92,134", "-100,148")}" fill="#3a7ea3"/></g>'
    )


def _eyes(look: Look, face: Face) -> str:
    mood = mood_of(face.emotion)
    parts = []
    for side in (-1, 1):
        x = side * 54
        if face.eyes == "closed":
            parts.append(
                f'<path d="M{x - 26},2 Q{x},{22 if mood.curve < 0.8 else -14} {x + 26},2" fill="none" stroke="{INK}" stroke-width="7" stroke-linecap="round"/>'
            )
            continue
        ry = 27 * min(mood.lid, 1.15)
        slit = 6 if look.species in ("cat", "fox") else 13
        tilt = side * (mood.slant * 1.8)
        parts.append(
            f'<g transform="translate({x} 0) rotate({tilt})"><clipPath id="a{side + 1}"><ellipse rx="27" ry="{ry:.1f}"/></clipPath><ellipse rx="27" ry="{ry:.1f}" fill="#fdfbf2"/>'
            f'<g clip-path="url(#a{side + 1})"><circle cy="{mood.gaze}" r="{22 * mood.iris:.1f}" fill="{look.eyes}"/><ellipse cy="{mood.gaze}" rx="{slit * mood.iris:.1f}" ry="{17 * mood.iris:.1f}" fill="#120c12"/>'
            f'<rect x="-30" y="{-ry - 2:.1f}" width="60" height="{ry * 0.6:.1f}" fill="#2a1a3a" opacity=".25"/></g>'
            f'<circle cx="-8" cy="-9" r="6.5" fill="#fff"/><circle cx="8" cy="9" r="3" fill="#fff" opacity=".8"/><ellipse rx="27" ry="{ry:.1f}" fill="none" stroke="{INK}" stroke-width="5"/>'
            f'<path d="M-28,{-ry * 0.2:.1f} Q0,{-ry * 1.5:.1f} 28,{-ry * 0.2:.1f}" fill="none" stroke="{INK}" stroke-width="7" stroke-linecap="round"/></g>'
        )
    if mood.extra == "tear" and face.eyes == "open":
        parts.append(
            '<path d="M-74,24 C-78,44 -84,52 -82,64 C-80,74 -66,74 -66,64 C-66,52 -70,42 -70,24 Z" fill="#d6efff" opacity=".85"/>'
        )
    return "".join(parts)


def _brows(look: Look, face: Face) -> str:
    mood = mood_of(face.emotion)
    tone = darker(HAIR_COLOURS[look.hair_colour], 0.55, "#140a18")
    return "".join(
        f'<path transform="scale({side} 1)" d="M26,{-44 + mood.inner:.1f} Q54,{-54 + min(mood.inner, mood.outer):.1f} 82,{-42 + mood.outer:.1f}" fill="none" stroke="{tone}" stroke-width="9" stroke-linecap="round"/>'
        for side in (-1, 1)
    )


def _snout(look: Look, beast: Beast, face: Face, pale: str) -> str:
    mood = mood_of(face.emotion)
    wide, high = beast.snout
    opening = {"closed": 0.0, "small": 10.0, "open": 24.0, "wide": 38.0, "round": 26.0, "teeth": 16.0}[face.mouth]
    half = {"round": 15.0, "small": 20.0}.get(face.mouth, 30.0)
    rise = mood.curve * 8
    if beast.beak:
        lower = f'<path d="M-26,48 Q0,{66 + opening * 1.5:.0f} 26,48 Q0,56 -26,48 Z" fill="#b9742a" stroke="#4a2a10" stroke-width="4"/>'
        inside = f'<path d="M-24,50 Q0,{58 + opening:.0f} 24,50 Z" fill="#4b1420"/>' if opening else ""
        edge, side = 52 - rise * 0.3, 60 + rise * 0.2
        upper = f"M-36,44 C-26,10 26,10 36,44 C24,{edge:.0f} 10,{side:.0f} 0,76 C-10,{side:.0f} -24,{edge:.0f} -36,44 Z"
        return (
            f'<g transform="translate(0 -14) scale(1.4)">{lower}{inside}<path d="{upper}" fill="#e0a03a" stroke="#4a2a10" stroke-width="4" stroke-linejoin="round"/>'
            '<path d="M-10,34 l4,5 M10,34 l-4,5" stroke="#4a2a10" stroke-width="3"/></g>'
        )
    pad = f'<ellipse cx="0" cy="62" rx="{wide}" ry="{high}" fill="{pale}"/>'
    nose = '<path d="M-17,38 C-10,30 10,30 17,38 C16,50 6,57 0,58 C-6,57 -16,50 -17,38 Z" fill="#2a1a22"/><ellipse cx="-5" cy="40" rx="5" ry="2.6" fill="#fff" opacity=".6"/>'
    if look.species in ("cat", "rabbit"):
        nose = nose.replace("#2a1a22", "#d9707c")
    top = 72.0
    split = f'<path d="M0,57 V{top - 2}" stroke="{INK}" stroke-width="4"/>'
    if opening == 0:
        lips = f'<path d="M{-half},{top - rise:.1f} Q{-half / 2},{top + 10 + rise * 0.4:.1f} 0,{top - 2} Q{half / 2},{top + 10 + rise * 0.4:.1f} {half},{top - rise:.1f}" fill="none" stroke="{INK}" stroke-width="4.6" stroke-linecap="round"/>'
    else:
        shape = f"M{-half},{top - rise * 0.6:.1f} Q{-half / 2},{top + 6} 0,{top - 2} Q{half / 2},{top + 6} {half},{top - rise * 0.6:.1f} C{half * 0.9:.1f},{top + opening:.1f} {half * 0.4:.1f},{top + opening * 1.5:.1f} 0,{top + opening * 1.5:.1f} C{-half * 0.4:.1f},{top + opening * 1.5:.1f} {-half * 0.9:.1f},{top + opening:.1f} {-half},{top - rise * 0.6:.1f} Z"
        fangs = (
            f'<path d="M-20,{top} l5,13 l6,-10 Z M20,{top} l-5,13 l-6,-10 Z" fill="#fff"/>'
            if face.mouth in ("wide", "teeth", "open")
            else ""
        )
        lips = f'<clipPath id="am"><path d="{shape}"/></clipPath><path d="{shape}" fill="#4b1420"/><g clip-path="url(#am)"><ellipse cx="0" cy="{top + opening * 1.5:.1f}" rx="{half * 0.7:.1f}" ry="{opening * 0.6:.1f}" fill="#d9586a"/>{fangs}</g><path d="{shape}" fill="none" stroke="{INK}" stroke-width="4.4" stroke-linejoin="round"/>'
    whiskers = ""
    if look.species in ("cat", "rabbit", "fox"):
        whiskers = '<g stroke="#fff" stroke-width="2.6" opacity=".75" stroke-linecap="round"><path d="M-44,62 L-122,46 M-44,70 L-124,72 M44,62 L122,46 M44,70 L124,72"/></g>'
    if look.species == "rabbit" and opening == 0:
        lips += (
            f'<rect x="-9" y="{top + 2}" width="18" height="15" rx="3" fill="#fff" stroke="{INK}" stroke-width="3"/>'
        )
    return pad + nose + split + lips + whiskers
