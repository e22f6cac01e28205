# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""Shoulders, arms and what people wear. The torso runs down to y = 1300, far below any frame's edge."""

from __future__ import annotations

from kit.media.illustration.colours import darker, lighter, luminance, mix
from kit.media.illustration.look import CLOTH_COLOURS, Look

BOTTOM = 1300


def _torso(look: Look) -> str:
    if look.age == "child":
        return f"M-34,172 C-60,190 -96,198 -118,218 C-138,240 -146,300 -152,380 L-160,{BOTTOM} L160,{BOTTOM} L152,380 C146,300 138,240 118,218 C96,198 60,190 34,172 C16,196 -16,196 -34,172 Z"
    if look.build == "woman":
        return f"M-42,172 C-70,196 -118,200 -144,220 C-172,244 -180,310 -186,400 L-196,{BOTTOM} L196,{BOTTOM} L186,400 C180,310 172,244 144,220 C118,200 70,196 42,172 C20,202 -20,202 -42,172 Z"
    return f"M-56,170 C-88,194 -152,200 -186,226 C-220,254 -230,330 -236,420 L-246,{BOTTOM} L246,{BOTTOM} L236,420 C230,330 220,254 186,226 C152,200 88,194 56,170 C24,204 -24,204 -56,170 Z"


def clothes_svg(look: Look) -> str:
    """Return the torso in its clothes."""
    base = CLOTH_COLOURS[look.clothes_colour]
    name = look.clothes
    body = {"labcoat": "#e9edf0", "apron": "#e8e4dc", "armour": "#7f8794"}.get(name, base)
    line = darker(body, 0.6, "#0f0a18")
    shape = _torso(look)
    wide = {"child": 0.76}.get(look.age, 1.0 if look.build == "woman" else 1.26)
    arm = 104 * wide
    deep = darker(body, 0.3)
    parts = [
        f'<linearGradient id="cl" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="{lighter(body, 0.08)}"/><stop offset=".32" stop-color="{body}"/><stop offset="1" stop-color="{darker(body, 0.35)}"/></linearGradient>'
        f'<clipPath id="tc"><path d="{shape}"/></clipPath>',
    ]
    open_neck = name in ("dress", "gown")
    if open_neck:
        parts.append(_bare(look, shape, line, body))
    else:
        parts.append(f'<path d="{shape}" fill="url(#cl)" stroke="{line}" stroke-width="4" stroke-linejoin="round"/>')
    parts.append(
        f'<g clip-path="url(#tc)"><path d="M{-arm},330 C{-arm - 10},440 {-arm - 4},560 {-arm - 14},1300" fill="none" stroke="{deep}" stroke-width="6" opacity=".8"/>'
        f'<path d="M{arm},330 C{arm + 10},440 {arm + 4},560 {arm + 14},1300" fill="none" stroke="{deep}" stroke-width="6" opacity=".8"/>'
        f'<path d="M{arm * 0.3},240 C{arm * 0.9},330 {arm * 0.9},520 {arm * 0.6},1300 L400,1300 L400,200 Z" fill="{deep}" opacity=".28"/>'
    )
    parts.append(_DETAILS.get(name, _plain)(look, base, line, wide))
    parts.append("</g>")
    if look.mark == "necklace" and name in ("dress", "gown", "tee", "sweater"):
        parts.append(
            '<path d="M-46,184 C-30,232 30,232 46,184" fill="none" stroke="#e8cc84" stroke-width="3.5"/><circle cx="0" cy="222" r="8" fill="#bfe6f2" stroke="#8a6a26" stroke-width="2.5"/>'
        )
    return "".join(parts)


def _bare(look: Look, shape: str, line: str, body: str) -> str:
    """A torso whose shoulders are skin: the neck's drawing shows them, cloth begins below."""
    from kit.media.illustration.look import SKINS

    skin = SKINS[look.skin]
    skin_line = darker(skin, 0.52, "#4a1520")
    strap = darker(body, 0.1)
    top = "M-200,330 C-150,300 -120,262 -88,250 C-52,262 -24,286 0,290 C24,286 52,262 88,250 C120,262 150,300 200,330 L260,800 L-260,800 Z"
    if look.clothes == "gown":
        top = "M-220,300 C-170,236 -150,222 -120,214 C-86,250 -40,286 0,288 C40,286 86,250 120,214 C150,222 170,236 220,300 L280,800 L-280,800 Z"
    return (
        f'<path d="{shape}" fill="{skin}" stroke="{skin_line}" stroke-width="4" stroke-linejoin="round"/>'
        f'<path d="M-72,214 C-46,208 -28,216 -12,228 M72,214 C46,208 28,216 12,228" fill="none" stroke="{skin_line}" stroke-width="3" opacity=".35"/>'
        f'<g clip-path="url(#tc)"><path d="{top}" fill="url(#cl)" stroke="{line}" stroke-width="4"/>'
        f'<path d="M-88,252 C-84,230 -82,214 -84,198 M88,252 C84,230 82,214 84,198" stroke="{strap}" stroke-width="11" fill="none"/></g>'
    )


def _lapels(tone: str, line: str, wide: float, low: float, spread: float) -> str:
    w = spread * wide
    one = f'<path d="M{-46 * wide:.0f},176 C{-70 * wide:.0f},186 {-84 * wide:.0f},192 {-92 * wide:.0f},200 L{-w - 26 * wide:.0f},276 L{-w + 6:.0f},286 L{-w - 6:.0f},312 L0,{low} L{-30 * wide:.0f},232 Z" fill="{tone}" stroke="{line}" stroke-width="4" stroke-linejoin="round"/>'
    return one + f'<g transform="scale(-1 1)">{one}</g>'


def _shirt_front(white: str, wide: float, low: float) -> str:
    return (
        f'<path d="M{-48 * wide:.0f},170 L{-38 * wide:.0f},210 L0,{low} L{38 * wide:.0f},210 L{48 * wide:.0f},170 Z" fill="{white}"/>'
        f'<path d="M{-50 * wide:.0f},164 L{-62 * wide:.0f},200 L{-24 * wide:.0f},244 L0,206 L{24 * wide:.0f},244 L{62 * wide:.0f},200 L{50 * wide:.0f},164 C{24 * wide:.0f},204 {-24 * wide:.0f},204 {-50 * wide:.0f},164 Z" '
        f'fill="{lighter(white, 0.4)}" stroke="{darker(white, 0.45)}" stroke-width="3" stroke-linejoin="round"/>'
    )


def _suit(look: Look, base: str, line: str, wide: float) -> str:
    tie = {"navy": "#8f2f3c", "black": "#a32f3f", "charcoal": "#37588c", "grey": "#37588c"}.get(
        look.clothes_colour, "#2a2a35"
    )
    inner = "#efeae6"
    knot = ""
    if look.build == "man":
        knot = f'<path d="M-13,206 L13,206 L9,230 L17,380 L0,404 L-17,380 L-9,230 Z" fill="{tie}" stroke="{darker(tie, 0.5)}" stroke-width="3"/><path d="M-9,230 L9,230" stroke="{darker(tie, 0.5)}" stroke-width="3"/>'
    return (
        f'<path d="M{-48 * wide:.0f},170 L{48 * wide:.0f},170 L3,474 L-3,474 Z" fill="{inner}"/>{_shirt_front(inner, wide, 300)}{knot}'
        + _lapels(lighter(base, 0.09), line, wide, 480, 86)
        + f'<path d="M0,480 L0,1300" stroke="{line}" stroke-width="4"/><circle cx="14" cy="520" r="8" fill="{line}"/><path d="M{86 * wide:.0f},352 l44,-8 l2,12 l-44,8 z" fill="#f4efe8" stroke="{line}" stroke-width="2"/>'
    )


def _coat(look: Look, base: str, line: str, wide: float) -> str:
    light = luminance(base) > 0.5
    inner = darker(base, 0.55) if light else mix("#efe6da", base, 0.12)
    return (
        f'<path d="M{-48 * wide:.0f},160 L{48 * wide:.0f},160 L6,430 L-6,430 Z" fill="{inner}"/>'
        f'<path d="M{-44 * wide:.0f},164 C-20,186 20,186 {44 * wide:.0f},164 L{44 * wide:.0f},200 C20,226 -20,226 {-44 * wide:.0f},200 Z" fill="{lighter(inner, 0.25)}" stroke="{darker(inner, 0.45)}" stroke-width="3"/>'
        + _lapels(lighter(base, 0.1), line, wide * 1.08, 430, 96)
        + f'<path d="M0,430 L0,1300" stroke="{line}" stroke-width="4"/><g fill="{darker(base, 0.5)}"><circle cx="-34" cy="470" r="9"/><circle cx="34" cy="470" r="9"/><circle cx="-34" cy="560" r="9"/><circle cx="34" cy="560" r="9"/></g>'
    )


def _shirt(look: Look, base: str, line: str, wide: float) -> str:
    return (
        f'<path d="M0,210 L0,1300" stroke="{darker(base, 0.4)}" stroke-width="3.5"/><g fill="{lighter(base, 0.4)}" stroke="{darker(base, 0.5)}" stroke-width="2"><circle cx="7" cy="290" r="5.5"/><circle cx="7" cy="370" r="5.5"/><circle cx="7" cy="450" r="5.5"/></g>'
        f'<path d="M{-52 * wide:.0f},160 L{-66 * wide:.0f},204 L{-24 * wide:.0f},252 L0,208 L{24 * wide:.0f},252 L{66 * wide:.0f},204 L{52 * wide:.0f},160 C{24 * wide:.0f},206 {-24 * wide:.0f},206 {-52 * wide:.0f},160 Z" fill="{lighter(base, 0.14)}" stroke="{line}" stroke-width="4" stroke-linejoin="round"/>'
    )


def _blouse(look: Look, base: str, line: str, wide: float) -> str:
    soft = lighter(base, 0.2)
    return (
        f'<path d="M0,240 L0,1300" stroke="{darker(base, 0.35)}" stroke-width="3"/>'
        f'<path d="M-44,172 C-20,206 20,206 44,172 L54,196 C24,232 -24,232 -54,196 Z" fill="{soft}" stroke="{line}" stroke-width="3.5"/>'
        f'<path d="M0,222 C-50,204 -84,240 -70,262 C-50,274 -20,250 0,232 C20,250 50,274 70,262 C84,240 50,204 0,222 Z M-6,236 L-30,340 L-6,330 L0,250 L8,330 L32,338 L8,236 Z" fill="{soft}" stroke="{line}" stroke-width="3.5" stroke-linejoin="round"/>'
    )


def _crew(look: Look, base: str, line: str, wide: float) -> str:
    return f'<path d="M{-50 * wide:.0f},166 C{-28 * wide:.0f},214 {28 * wide:.0f},214 {50 * wide:.0f},166 L{60 * wide:.0f},180 C{34 * wide:.0f},238 {-34 * wide:.0f},238 {-60 * wide:.0f},180 Z" fill="{darker(base, 0.18)}" stroke="{line}" stroke-width="3.5"/>'


def _sweater(look: Look, base: str, line: str, wide: float) -> str:
    ribs = "".join(
        f'<path d="M{x * wide:.0f},250 V1300" stroke="{darker(base, 0.22)}" stroke-width="4" opacity=".45"/>'
        for x in range(-90, 91, 30)
    )
    return ribs + _crew(look, base, line, wide)


def _turtleneck(look: Look, base: str, line: str, wide: float) -> str:
    return f'<path d="M{-42 * wide:.0f},122 C{-20 * wide:.0f},140 {20 * wide:.0f},140 {42 * wide:.0f},122 L{50 * wide:.0f},190 C{24 * wide:.0f},222 {-24 * wide:.0f},222 {-50 * wide:.0f},190 Z" fill="{lighter(base, 0.1)}" stroke="{line}" stroke-width="4"/><path d="M{-46 * wide:.0f},160 C-20,182 20,182 {46 * wide:.0f},160" fill="none" stroke="{darker(base, 0.3)}" stroke-width="3"/>'


def _hoodie(look: Look, base: str, line: str, wide: float) -> str:
    return (
        f'<path d="M{-60 * wide:.0f},136 C{-110 * wide:.0f},160 {-120 * wide:.0f},230 {-40 * wide:.0f},270 L0,284 L{40 * wide:.0f},270 C{120 * wide:.0f},230 {110 * wide:.0f},160 {60 * wide:.0f},136 C{64 * wide:.0f},190 30,226 0,236 C-30,226 {-64 * wide:.0f},190 {-60 * wide:.0f},136 Z" fill="{lighter(base, 0.12)}" stroke="{line}" stroke-width="4"/>'
        f'<g stroke="#f1ece4" stroke-width="6" stroke-linecap="round"><path d="M-28,262 L-32,350"/><path d="M28,262 L32,340"/></g><path d="M-90,560 L-70,480 H70 L90,560 V1300 H-90 Z" fill="none" stroke="{darker(base, 0.4)}" stroke-width="4"/>'
    )


def _jacket(look: Look, base: str, line: str, wide: float) -> str:
    inner = "#e9e4de" if luminance(base) < 0.5 else "#3a3a46"
    return (
        f'<path d="M{-50 * wide:.0f},166 L{50 * wide:.0f},166 L50,1300 L-50,1300 Z" fill="{inner}"/><path d="M{-40 * wide:.0f},180 C-16,214 16,214 {40 * wide:.0f},180" fill="none" stroke="{darker(inner, 0.3)}" stroke-width="6"/>'
        f'<path d="M{-58 * wide:.0f},158 L{-96 * wide:.0f},196 L{-70 * wide:.0f},290 L-50,1300 M{58 * wide:.0f},158 L{96 * wide:.0f},196 L{70 * wide:.0f},290 L50,1300" fill="none" stroke="{line}" stroke-width="5"/>'
        f'<path d="M{-58 * wide:.0f},156 L{-98 * wide:.0f},200 L{-62 * wide:.0f},276 L{-40 * wide:.0f},206 Z M{58 * wide:.0f},156 L{98 * wide:.0f},200 L{62 * wide:.0f},276 L{40 * wide:.0f},206 Z" fill="{lighter(base, 0.14)}" stroke="{line}" stroke-width="4" stroke-linejoin="round"/>'
        f'<path d="M-62,300 L-52,740" stroke="#c9c2b4" stroke-width="4" stroke-dasharray="6 5"/>'
    )


def _labcoat(look: Look, base: str, line: str, wide: float) -> str:
    return (
        f'<path d="M{-48 * wide:.0f},166 L{48 * wide:.0f},166 L3,454 L-3,454 Z" fill="{mix(base, "#8fb6c8", 0.35)}"/>'
        + _lapels("#f7f9fa", "#5a6674", wide, 460, 84)
        + f'<path d="M0,460 V1300" stroke="#8a96a4" stroke-width="4"/><path d="M{-60 * wide:.0f},190 C{-70 * wide:.0f},300 -40,340 -30,372 M{60 * wide:.0f},190 C{74 * wide:.0f},280 60,320 54,360" fill="none" stroke="#39424e" stroke-width="7"/><circle cx="-30" cy="384" r="15" fill="#aab4be" stroke="#39424e" stroke-width="5"/><rect x="{70 * wide:.0f}" y="380" width="60" height="46" rx="4" fill="#fff" stroke="#8a96a4" stroke-width="3"/>'
    )


def _uniform(look: Look, base: str, line: str, wide: float) -> str:
    return (
        _shirt(look, base, line, wide)
        + f'<path d="M-12,212 L12,212 L8,234 L18,400 L0,424 L-18,400 L-8,234 Z" fill="{darker(base, 0.55)}"/>'
        + f'<g fill="#e3bf62" stroke="#6a4a16" stroke-width="2.5"><rect x="{-150 * wide:.0f}" y="214" width="{56 * wide:.0f}" height="20" rx="5" transform="rotate(-14 {-120 * wide:.0f} 224)"/><rect x="{94 * wide:.0f}" y="214" width="{56 * wide:.0f}" height="20" rx="5" transform="rotate(14 {120 * wide:.0f} 224)"/>'
        + f'<path d="M{66 * wide:.0f},310 l14,-8 l14,8 l0,20 l-14,14 l-14,-14 z"/></g><path d="M{-110 * wide:.0f},340 h{64 * wide:.0f} v60 h{-64 * wide:.0f} z" fill="none" stroke="{darker(base, 0.45)}" stroke-width="4"/>'
    )


def _schoolwear(look: Look, base: str, line: str, wide: float) -> str:
    bow = "#b8323d"
    tie = f'<path d="M0,214 L-46,196 L-42,244 Z M0,214 L46,196 L42,244 Z" fill="{bow}" stroke="{darker(bow, 0.5)}" stroke-width="3"/><circle cx="0" cy="216" r="10" fill="{bow}" stroke="{darker(bow, 0.5)}" stroke-width="3"/>'
    if look.build == "man":
        tie = f'<path d="M-12,206 L12,206 L8,230 L18,380 L0,404 L-18,380 L-8,230 Z" fill="{bow}" stroke="{darker(bow, 0.5)}" stroke-width="3"/>'
    return (
        f'<path d="M{-48 * wide:.0f},170 L{48 * wide:.0f},170 L3,434 L-3,434 Z" fill="#f1efec"/>{_shirt_front("#f1efec", wide, 300)}{tie}'
        + _lapels(lighter(base, 0.08), line, wide, 440, 74)
        + f'<path d="M{70 * wide:.0f},330 l16,-8 l16,8 v22 l-16,16 l-16,-16 z" fill="#e3bf62" stroke="#6a4a16" stroke-width="2.5"/>'
    )


def _robe(look: Look, base: str, line: str, wide: float) -> str:
    trim = lighter(base, 0.7)
    gold = "#d9b25a"
    return (
        f'<path d="M{-48 * wide:.0f},150 L{48 * wide:.0f},150 L0,330 Z" fill="#f4efe6"/>'
        f'<path d="M{46 * wide:.0f},146 C{44 * wide:.0f},200 10,270 -30,330 L-4,372 C50,300 {84 * wide:.0f},230 {82 * wide:.0f},176 Z" fill="{trim}" stroke="{line}" stroke-width="3.5"/>'
        f'<path d="M{-46 * wide:.0f},146 C{-44 * wide:.0f},220 30,350 {92 * wide:.0f},470 L{34 * wide:.0f},470 C-10,370 {-86 * wide:.0f},240 {-82 * wide:.0f},176 Z" fill="{trim}" stroke="{line}" stroke-width="3.5"/>'
        f'<path d="M{-58 * wide:.0f},156 C{-56 * wide:.0f},230 10,360 {66 * wide:.0f},470" fill="none" stroke="{gold}" stroke-width="5"/>'
        f'<rect x="-300" y="470" width="600" height="74" fill="{darker(base, 0.35)}" stroke="{line}" stroke-width="4"/><path d="M-300,486 H300 M-300,528 H300" stroke="{gold}" stroke-width="4"/>'
        f'<g fill="none" stroke="{gold}" stroke-width="3.5" opacity=".8"><circle cx="{-128 * wide:.0f}" cy="320" r="20"/><circle cx="{-128 * wide:.0f}" cy="320" r="10"/><circle cx="{128 * wide:.0f}" cy="320" r="20"/><circle cx="{128 * wide:.0f}" cy="320" r="10"/></g>'
    )


def _apron(look: Look, base: str, line: str, wide: float) -> str:
    return (
        _shirt(look, "#f3f0ea", "#6a645c", wide)
        + f'<path d="M{-70 * wide:.0f},300 L{70 * wide:.0f},300 L{120 * wide:.0f},470 V1300 H{-120 * wide:.0f} V470 Z" fill="{base}" stroke="{line}" stroke-width="4"/><path d="M{-66 * wide:.0f},304 C-70,250 -64,220 -58,196 M{66 * wide:.0f},304 C70,250 64,220 58,196" stroke="{base}" stroke-width="12" fill="none"/>'
    )


def _armour(look: Look, base: str, line: str, wide: float) -> str:
    steel, dark = "#aab3bf", "#3c434e"
    return (
        f'<path d="M{-60 * wide:.0f},170 C-30,214 30,214 {60 * wide:.0f},170 L{76 * wide:.0f},200 C34,250 -34,250 {-76 * wide:.0f},200 Z" fill="{steel}" stroke="{dark}" stroke-width="4"/><path d="M0,232 V700" stroke="{dark}" stroke-width="5"/>'
        f'<path d="M{-100 * wide:.0f},330 C-40,372 40,372 {100 * wide:.0f},330 M{-104 * wide:.0f},430 C-40,470 40,470 {104 * wide:.0f},430" fill="none" stroke="{dark}" stroke-width="5"/>'
        f'<path d="M{-230 * wide:.0f},330 C{-230 * wide:.0f},220 {-140 * wide:.0f},190 {-96 * wide:.0f},206 C{-90 * wide:.0f},260 {-130 * wide:.0f},310 {-230 * wide:.0f},330 Z M{230 * wide:.0f},330 C{230 * wide:.0f},220 {140 * wide:.0f},190 {96 * wide:.0f},206 C{90 * wide:.0f},260 {130 * wide:.0f},310 {230 * wide:.0f},330 Z" fill="{steel}" stroke="{dark}" stroke-width="4"/>'
        f'<path d="M{-96 * wide:.0f},200 C-40,330 20,420 {120 * wide:.0f},560 L{120 * wide:.0f},1300 L-200,1300 Z" fill="{base}" opacity=".85"/>'
    )


def _plain(look: Look, base: str, line: str, wide: float) -> str:
    return ""


_DETAILS = {
    "suit": _suit, "coat": _coat, "shirt": _shirt, "blouse": _blouse, "tee": _crew, "sweater": _sweater, "turtleneck": _turtleneck,
    "hoodie": _hoodie, "jacket": _jacket, "labcoat": _labcoat, "uniform": _uniform, "schoolwear": _schoolwear, "robe": _robe,
    "apron": _apron, "armour": _armour,
}  # fmt: skip
