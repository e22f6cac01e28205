# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""Skull, ears, neck, beard, glasses and what is worn on the head."""

from __future__ import annotations

from kit.media.illustration.colours import darker, lighter, mix
from kit.media.illustration.look import CLOTH_COLOURS, HAIR_COLOURS, SKINS, Look

_SKULLS = {
    "woman": "M-91,-20 C-94,16 -89,46 -72,72 C-54,99 -26,121 0,122 C26,121 54,99 72,72 C89,46 94,16 91,-20 C91,-92 52,-134 0,-134 C-52,-134 -91,-92 -91,-20 Z",
    "man": "M-91,-20 C-92,22 -90,52 -80,80 C-66,106 -30,132 0,133 C30,132 66,106 80,80 C90,52 92,22 91,-20 C91,-92 52,-136 0,-136 C-52,-136 -91,-92 -91,-20 Z",
    "child": "M-93,-16 C-98,24 -90,58 -66,84 C-48,102 -22,113 0,113 C22,113 48,102 66,84 C90,58 98,24 93,-16 C93,-90 54,-134 0,-134 C-54,-134 -93,-90 -93,-16 Z",
}


def skull_path(look: Look) -> str:
    """Return the outline of the head without ears."""
    return _SKULLS["child" if look.age == "child" else look.build]


def neck_svg(look: Look) -> str:
    """Return neck and collarbones with the shadow that the chin throws."""
    skin = SKINS[look.skin]
    half = 30 if look.age == "child" else (35 if look.build == "woman" else 49)
    line = darker(skin, 0.5, "#4a1520")
    shade = darker(skin, 0.34, "#6a1f3c")
    return (
        f'<path d="M{-half},70 C{-half},130 {-half - 2},158 {-half - 16},178 C{-half - 50},200 -120,206 -150,226 L-150,330 L150,330 L150,226 C120,206 {half + 50},200 {half + 16},178 C{half + 2},158 {half},130 {half},70 Z" '
        f'fill="{skin}" stroke="{line}" stroke-width="3.5"/>'
        f'<path d="M{-half},92 C-20,140 24,146 {half},98 L{half},128 C20,182 -18,178 {-half},126 Z" fill="{shade}" opacity=".62"/>'
        f'<path d="M-70,214 C-46,208 -28,216 -12,228 M70,214 C46,208 28,216 12,228" fill="none" stroke="{shade}" stroke-width="3.4" stroke-linecap="round" opacity=".7"/>'
    )


def head_svg(look: Look) -> str:
    """Return ears and head with its modelling, but without the parts that move."""
    skin = SKINS[look.skin]
    line = darker(skin, 0.52, "#4a1520")
    shade = darker(skin, 0.32, "#7a2440")
    warm = mix(skin, "#e2606a", 0.4)
    skull = skull_path(look)
    ears = "".join(
        f'<g transform="scale({side} 1)"><path d="M86,-6 C104,-22 114,-4 109,18 C106,38 96,50 86,46 Z" fill="{skin}" stroke="{line}" stroke-width="3.5"/>'
        f'<path d="M94,4 C102,2 103,14 97,28" fill="none" stroke="{shade}" stroke-width="3.2" stroke-linecap="round"/></g>'
        for side in (-1, 1)
    )
    age = ""
    if look.age == "old":
        age = (
            f'<g fill="none" stroke="{shade}" stroke-width="2.6" stroke-linecap="round" opacity=".6"><path d="M-30,58 C-40,68 -44,80 -42,92"/><path d="M30,58 C40,68 44,80 42,92"/>'
            '<path d="M-40,-66 Q0,-74 40,-66"/><path d="M-32,-80 Q0,-87 32,-80"/><path d="M-74,10 L-84,4 M-74,16 L-85,16"/><path d="M74,10 L84,4 M74,16 L85,16"/></g>'
        )
    return (
        ears
        + f'<radialGradient id="sk" cx="0.42" cy="0.42" r="0.72"><stop offset="0" stop-color="{lighter(skin, 0.16)}"/><stop offset=".55" stop-color="{skin}"/><stop offset="1" stop-color="{darker(skin, 0.2, "#8a2c48")}"/></radialGradient>'
        + f'<clipPath id="sc"><path d="{skull}"/></clipPath><path d="{skull}" fill="url(#sk)" stroke="{line}" stroke-width="4" stroke-linejoin="round"/>'
        + f'<g clip-path="url(#sc)"><path d="M64,-140 C70,-60 74,20 62,64 C48,98 24,118 0,128 L0,150 L130,150 L130,-140 Z" fill="{shade}" opacity=".2"/>'
        + (
            ""
            if look.hair in ("bald", "receding")
            else f'<path d="M-100,-60 C-60,-36 60,-36 100,-60 L100,-150 L-100,-150 Z" fill="{shade}" opacity=".28"/>'
        )
        + f'<ellipse cx="-54" cy="48" rx="26" ry="17" fill="{warm}" opacity=".2"/><ellipse cx="54" cy="48" rx="26" ry="17" fill="{warm}" opacity=".2"/></g>'
        + age
        + _mark(look, shade)
    )


def _mark(look: Look, shade: str) -> str:
    if look.mark == "freckles":
        dots = [(-58, 36), (-46, 42), (-36, 35), (-52, 50), (58, 36), (46, 42), (36, 35), (52, 50)]
        return (
            f'<g fill="{shade}" opacity=".6">'
            + "".join(f'<circle cx="{x}" cy="{y}" r="2.6"/>' for x, y in dots)
            + "</g>"
        )
    if look.mark == "mole":
        return '<circle cx="38" cy="62" r="3.2" fill="#3a1c1c"/>'
    if look.mark == "scar":
        return '<path d="M52,-44 L68,44" stroke="#b5525a" stroke-width="4.5" stroke-linecap="round" opacity=".8"/><path d="M52,-10 L64,-14 M56,16 L70,12" stroke="#b5525a" stroke-width="2.6"/>'
    return ""


def jewels_svg(look: Look) -> str:
    """Return earrings, which hang over ears and hair."""
    if look.mark != "earrings":
        return ""
    one = '<g><circle cx="-99" cy="50" r="5" fill="#f4d58a" stroke="#7a5a1c" stroke-width="2"/><path d="M-99,56 L-104,80 L-99,88 L-94,80 Z" fill="#f7e3ac" stroke="#7a5a1c" stroke-width="2"/></g>'
    return one + f'<g transform="scale(-1 1)">{one}</g>'


def beard_svg(look: Look) -> str:
    """Return facial hair, drawn under the mouth."""
    if look.beard == "none":
        return ""
    base = HAIR_COLOURS[look.hair_colour]
    line = darker(base, 0.5, "#120a18")
    if look.beard == "stubble":
        return f'<path clip-path="url(#sc)" d="M-92,34 C-74,54 -52,62 -34,60 C-20,56 20,56 34,60 C52,62 74,54 92,34 L92,150 L-92,150 Z" fill="{base}" opacity=".22"/>'
    moustache = f'<path d="M0,64 C-12,58 -30,62 -44,80 C-30,78 -14,76 0,72 C14,76 30,78 44,80 C30,62 12,58 0,64 Z" fill="{base}" stroke="{line}" stroke-width="2"/>'
    if look.beard == "moustache":
        return moustache
    if look.beard == "goatee":
        return (
            moustache
            + f'<path d="M-26,104 C-30,130 -14,148 0,150 C14,148 30,130 26,104 C14,112 -14,112 -26,104 Z" fill="{base}" stroke="{line}" stroke-width="2"/>'
        )
    drop = 146 if look.beard == "beard" else 236
    side = 128 if look.beard == "beard" else 170
    return (
        f'<path d="M-93,14 C-96,50 -92,96 -66,{side} C-44,{drop} -20,{drop + 4} 0,{drop + 5} C20,{drop + 4} 44,{drop} 66,{side} C92,96 96,50 93,14 C86,44 78,56 62,62 C48,66 42,64 30,62 '
        f'C12,58 -12,58 -30,62 C-42,64 -48,66 -62,62 C-78,56 -86,44 -93,14 Z" fill="{base}" stroke="{line}" stroke-width="3"/>'
        f'<path d="M-34,84 C-20,72 20,72 34,84 C34,104 18,112 0,112 C-18,112 -34,104 -34,84 Z" fill="{darker(SKINS[look.skin], 0.12, "#7a2440")}"/>'
        f'<g stroke="{lighter(base, 0.2)}" stroke-width="3" fill="none" opacity=".5"><path d="M-60,84 C-56,110 -46,124 -34,134"/><path d="M60,84 C56,110 46,124 34,134"/></g>'
    )


def glasses_svg(look: Look) -> str:
    """Return glasses or an eye patch."""
    if look.glasses == "none":
        return ""
    if look.glasses == "eyepatch":
        return '<path d="M-96,-50 L100,-2" stroke="#16131c" stroke-width="7"/><path d="M14,-14 C30,-22 60,-18 72,-6 C72,26 56,40 42,40 C26,38 14,18 14,-14 Z" fill="#1d1924" stroke="#0c0a10" stroke-width="3"/>'
    fill = '#15161f" fill-opacity=".88' if look.glasses == "shades" else '#dff0ff" fill-opacity=".16'
    lens = (
        '<circle cx="{x}" cy="10" r="33"/>'
        if look.glasses == "round"
        else '<rect x="{left}" y="-16" width="64" height="48" rx="14"/>'
    )
    frame = "#2b2430" if look.glasses != "round" else "#5a4636"
    pair = "".join(lens.format(x=x, left=x - 32) for x in (-41, 41))
    glint = '<g stroke="#fff" stroke-width="4" opacity=".5" stroke-linecap="round"><path d="M-60,-2 L-48,-12"/><path d="M22,-2 L34,-12"/></g>'
    return f'<g fill="{fill}" stroke="{frame}" stroke-width="5">{pair}</g><path d="M-10,6 Q0,-2 10,6 M-74,4 L-98,0 M74,4 L98,0" fill="none" stroke="{frame}" stroke-width="5"/>{glint}'


def headwear_svg(look: Look) -> str:
    """Return cloth and metal worn on the head, drawn over the hair."""
    cloth = CLOTH_COLOURS[look.clothes_colour]
    line = darker(cloth, 0.55)
    if look.hair == "hijab":
        soft = lighter(cloth, 0.22)
        return (
            f'<path fill-rule="evenodd" d="M-112,40 C-132,-110 -66,-172 0,-172 C66,-172 132,-110 112,40 C118,110 128,170 160,236 C90,276 -90,276 -160,236 C-128,170 -118,110 -112,40 Z M-80,-10 C-84,40 -66,92 0,126 C66,92 84,40 80,-10 C76,-70 40,-92 0,-92 C-40,-92 -76,-70 -80,-10 Z" fill="{soft}" stroke="{line}" stroke-width="4"/>'
            f'<path d="M-70,120 C-40,180 60,210 130,190 M-100,170 C-40,220 60,240 140,220" fill="none" stroke="{darker(soft, 0.3)}" stroke-width="5" opacity=".6"/>'
        )
    if look.hair == "turban":
        return (
            f'<path d="M-104,-36 C-130,-120 -70,-190 0,-188 C70,-190 130,-120 104,-36 C70,-76 -70,-76 -104,-36 Z" fill="{cloth}" stroke="{line}" stroke-width="4"/>'
            f'<path d="M-100,-54 C-40,-140 60,-150 96,-140 M-92,-96 C-40,-160 40,-176 70,-170 M100,-54 C60,-110 0,-120 -60,-150" fill="none" stroke="{line}" stroke-width="4" opacity=".6"/>'
        )
    if look.headwear == "crown":
        return '<path d="M-78,-112 L-92,-184 L-50,-150 L0,-204 L50,-150 L92,-184 L78,-112 C40,-128 -40,-128 -78,-112 Z" fill="#e9bd52" stroke="#6a4312" stroke-width="4" stroke-linejoin="round"/><g fill="#c8324a" stroke="#6a1220" stroke-width="2"><circle cx="0" cy="-150" r="9"/><circle cx="-52" cy="-136" r="6"/><circle cx="52" cy="-136" r="6"/></g>'
    if look.headwear in ("cap", "helmet"):
        tone = cloth if look.headwear == "cap" else "#e0b13c"
        return f'<path d="M-104,-70 C-108,-140 -60,-178 0,-178 C60,-178 108,-140 104,-70 C60,-92 -60,-92 -104,-70 Z" fill="{tone}" stroke="{darker(tone, 0.55)}" stroke-width="4"/><path d="M-112,-70 C-60,-104 60,-104 112,-70 C70,-62 -70,-62 -112,-70 Z" fill="{darker(tone, 0.3)}" stroke="{darker(tone, 0.6)}" stroke-width="4"/><circle cx="0" cy="-122" r="13" fill="#e9c86a" stroke="#6a4a16" stroke-width="3"/>'
    if look.headwear == "hat":
        return f'<path d="M-84,-96 C-92,-190 -50,-206 0,-190 C50,-206 92,-190 84,-96 Z" fill="{cloth}" stroke="{line}" stroke-width="4"/><path d="M-86,-118 C-40,-106 40,-106 86,-118 L86,-94 C40,-82 -40,-82 -86,-94 Z" fill="{line}"/><path d="M-160,-88 C-90,-116 90,-116 160,-88 C120,-62 -120,-62 -160,-88 Z" fill="{cloth}" stroke="{line}" stroke-width="4"/>'
    if look.headwear == "beanie":
        return f'<path d="M-106,-62 C-116,-150 -60,-190 0,-190 C60,-190 116,-150 106,-62 Z" fill="{cloth}" stroke="{line}" stroke-width="4"/><rect x="-112" y="-92" width="224" height="44" rx="18" fill="{lighter(cloth, 0.15)}" stroke="{line}" stroke-width="4"/>'
    if look.headwear == "hairpin":
        return '<g stroke="#7a5a1c" stroke-width="2.5"><path d="M60,-170 L122,-196" stroke-width="6" stroke="#e3bf62"/><circle cx="70" cy="-150" r="13" fill="#e36a7c"/><circle cx="90" cy="-162" r="10" fill="#f3a3ac"/><circle cx="54" cy="-166" r="10" fill="#f3a3ac"/><path d="M122,-196 v30 m-6,-28 v22" stroke="#e3bf62" stroke-width="3"/></g>'
    if look.headwear == "headband":
        return f'<path d="M-102,-66 C-100,-110 -60,-138 0,-140 C60,-138 100,-110 102,-66 C90,-100 50,-122 0,-122 C-50,-122 -90,-100 -102,-66 Z" fill="{lighter(cloth, 0.1)}" stroke="{line}" stroke-width="3.5"/>'
    return ""
