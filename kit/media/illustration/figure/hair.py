# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""Hair of people: a shape behind the body, a shape over the forehead, and what lies over the shoulders."""

from __future__ import annotations

from typing import NamedTuple

from kit.media.illustration.colours import darker, lighter, mix
from kit.media.illustration.look import HAIR_COLOURS, Look


class Hair(NamedTuple):
    """SVG fragments in drawing order; each may be empty."""

    back: str
    front: str
    over: str


# Outer edge of the hair over the skull, from the left temple to the right one.
_DOME = "C-112,-30 -112,-96 -74,-136 C-44,-166 44,-168 76,-136 C112,-98 112,-30 {x},{y}"
_DOME_HIGH = "C-118,-40 -122,-112 -78,-152 C-40,-184 52,-186 84,-150 C120,-108 116,-40 {x},{y}"
_DOME_TIGHT = "C-101,-30 -104,-88 -70,-124 C-42,-148 42,-150 72,-124 C104,-88 101,-30 {x},{y}"

_FRONTS = {
    # a deep side parting, the long sweep falls to the left
    "sidepart": ("M-97,46 " + _DOME.format(x=97, y=46) + " C92,4 84,-34 60,-62 C50,-74 40,-86 34,-100 C22,-62 -26,-44 -66,-30 C-82,-22 -90,6 -97,46 Z", "M34,-100 C30,-120 18,-138 4,-150"),
    "curtain": ("M-99,66 " + _DOME.format(x=99, y=66) + " C94,10 84,-24 52,-46 C28,-62 8,-84 0,-108 C-8,-84 -28,-62 -52,-46 C-84,-24 -94,10 -99,66 Z", "M0,-108 C0,-124 0,-138 -2,-152"),
    "fringe": ("M-98,60 " + _DOME.format(x=98, y=60) + " C95,24 92,0 88,-24 L74,-28 L60,-20 L44,-27 L28,-19 L10,-26 L-6,-19 L-24,-27 L-40,-20 L-58,-28 L-72,-21 L-88,-24 C-92,0 -95,24 -98,60 Z", ""),
    "wisps": ("M-97,54 " + _DOME.format(x=97, y=54) + " C94,20 90,-16 76,-44 C66,-40 58,-34 54,-24 C50,-40 42,-52 32,-58 C26,-44 16,-34 2,-28 C4,-42 0,-54 -8,-62 C-22,-46 -40,-34 -60,-28 C-78,-18 -92,10 -97,54 Z", ""),
    "swept": ("M-94,20 " + _DOME_HIGH.format(x=94, y=20) + " C90,-8 84,-40 70,-66 C40,-58 2,-66 -30,-88 C-44,-74 -66,-62 -78,-48 C-88,-28 -90,-8 -94,20 Z", "M-30,-88 C-10,-110 20,-128 54,-136"),
    "quiff": ("M-94,14 C-108,-30 -110,-84 -88,-120 C-92,-160 -30,-196 30,-186 C80,-180 112,-146 100,-116 C112,-84 106,-30 94,14 C90,-16 86,-46 74,-72 C48,-86 10,-92 -26,-88 C-50,-84 -70,-72 -80,-54 C-88,-30 -90,-10 -94,14 Z", "M-60,-92 C-50,-130 -10,-160 40,-164"),
    "messy": ("M-97,26 C-118,-14 -116,-60 -104,-88 L-118,-100 L-96,-108 C-92,-132 -76,-146 -60,-152 L-64,-172 L-38,-160 C-12,-174 24,-176 44,-166 L66,-178 L68,-156 C92,-142 104,-120 106,-98 L122,-88 L108,-74 C114,-40 110,-8 97,26 C94,-2 90,-24 80,-44 L66,-24 L54,-50 L34,-22 L18,-54 L-4,-24 L-16,-56 L-42,-26 L-52,-50 L-74,-28 C-88,-14 -93,4 -97,26 Z", ""),
    "twoblock": ("M-94,24 " + _DOME_HIGH.format(x=94, y=24) + " C92,-4 88,-24 80,-40 C70,-34 62,-28 58,-20 C54,-36 44,-50 30,-58 C24,-72 22,-84 22,-96 C14,-72 -2,-52 -22,-40 C-34,-34 -46,-28 -54,-18 C-56,-28 -62,-36 -70,-40 C-82,-30 -90,-6 -94,24 Z", "M22,-96 C22,-120 14,-140 2,-158"),
    "sidecut": ("M-92,10 " + _DOME_TIGHT.format(x=92, y=10) + " C90,-16 86,-40 74,-64 C60,-66 48,-74 42,-92 C14,-70 -40,-64 -74,-62 C-86,-40 -90,-16 -92,10 Z", "M42,-92 C40,-108 36,-122 28,-136"),
    "buzz": ("M-92,4 " + _DOME_TIGHT.format(x=92, y=4) + " C88,-30 78,-66 60,-78 C30,-92 -30,-92 -60,-78 C-78,-66 -88,-30 -92,4 Z", ""),
    "slick": ("M-92,16 " + _DOME_TIGHT.format(x=92, y=16) + " C88,-30 80,-66 56,-84 C30,-100 -30,-100 -56,-84 C-80,-66 -88,-30 -92,16 Z", "M-40,-92 C-44,-116 -36,-130 -26,-140"),
    "spiky": ("M-95,14 C-112,-20 -112,-50 -106,-74 L-126,-92 L-98,-104 L-108,-136 L-76,-132 L-74,-168 L-44,-150 L-26,-188 L-2,-156 L26,-190 L40,-152 L74,-168 L74,-134 L108,-138 L98,-104 L126,-90 L106,-72 C112,-50 110,-16 95,14 C92,-14 86,-40 74,-58 L58,-38 L44,-64 L22,-40 L8,-66 L-14,-42 L-28,-66 L-50,-38 L-62,-60 C-82,-40 -91,-12 -95,14 Z", ""),
    "curls": ("M-95,20 C-112,8 -116,-14 -108,-30 C-126,-44 -122,-76 -102,-86 C-112,-112 -88,-136 -64,-132 C-56,-160 -20,-166 -4,-150 C14,-170 52,-162 58,-138 C84,-146 108,-122 100,-94 C124,-84 126,-48 108,-34 C116,-14 110,8 95,20 C94,-6 90,-28 80,-44 C64,-34 48,-40 44,-52 C30,-40 10,-44 6,-56 C-8,-44 -28,-44 -34,-56 C-44,-42 -62,-38 -78,-46 C-88,-30 -92,-8 -95,20 Z", ""),
    "receding": ("M-93,34 C-122,10 -120,-62 -90,-92 C-74,-74 -80,-40 -86,-6 Z M93,34 C122,10 120,-62 90,-92 C74,-74 80,-40 86,-6 Z", ""),
    "tied": ("M-94,34 " + _DOME_TIGHT.format(x=94, y=34) + " C90,-14 84,-54 58,-76 C34,-92 10,-98 0,-104 C-10,-98 -34,-92 -58,-76 C-84,-54 -90,-14 -94,34 Z", "M0,-104 C0,-118 0,-130 0,-144"),
}  # fmt: skip

_BACKS = {
    "long": "M-100,-60 C-128,20 -126,150 -140,300 C-144,350 -120,372 -84,376 L84,376 C120,372 144,350 140,300 C126,150 128,20 100,-60 Z",
    "wavy": "M-100,-60 C-132,-10 -120,50 -136,94 C-152,140 -130,176 -148,222 C-164,268 -142,318 -150,352 C-110,384 -70,366 -50,372 L50,372 C70,366 110,384 150,352 C142,318 164,268 148,222 C130,176 152,140 136,94 C120,50 132,-10 100,-60 Z",
    "shoulder": "M-100,-60 C-122,10 -120,90 -128,150 C-132,180 -150,190 -156,196 C-120,214 -80,206 -60,206 L60,206 C80,206 120,214 156,196 C150,190 132,180 128,150 C120,90 122,10 100,-60 Z",
    "bob": "M-100,-60 C-126,0 -126,60 -120,112 C-112,136 -84,134 -66,126 L66,126 C84,134 112,136 120,112 C126,60 126,0 100,-60 Z",
    "nape": "M-92,-30 C-98,30 -88,72 -60,104 Q0,124 60,104 C88,72 98,30 92,-30 Z",
    "manlong": "M-98,-60 C-124,20 -118,110 -126,180 C-112,206 -90,200 -70,204 L70,204 C90,200 112,206 126,180 C118,110 124,20 98,-60 Z",
    "ponytail": "M40,-150 C110,-190 186,-120 172,0 C164,80 178,160 140,236 C120,180 118,110 112,40 C108,-30 84,-90 40,-110 Z M-90,-30 C-95,30 -82,66 -54,92 Q0,108 54,92 C82,66 95,30 90,-30 Z",
    "bun": "M-48,-168 C-60,-214 -22,-238 6,-236 C42,-234 64,-204 50,-166 C30,-140 -28,-140 -48,-168 Z M-90,-30 C-95,30 -82,66 -54,92 Q0,108 54,92 C82,66 95,30 90,-30 Z",
    "updo": "M-70,-150 C-112,-196 -70,-258 0,-254 C70,-258 112,-196 70,-150 C40,-120 -40,-120 -70,-150 Z M-92,-30 C-98,30 -84,70 -54,98 Q0,112 54,98 C84,70 98,30 92,-30 Z",
    "topknot": "M-30,-128 C-44,-150 -46,-206 0,-212 C46,-206 44,-150 30,-128 Z",
    "afro": "M-120,60 C-164,40 -170,-10 -156,-40 C-178,-90 -142,-150 -100,-162 C-80,-206 -20,-214 0,-204 C20,-214 80,-206 100,-162 C142,-150 178,-90 156,-40 C170,-10 164,40 120,60 C80,90 -80,90 -120,60 Z",
}  # fmt: skip

_STYLES: dict[str, tuple[str, str, str]] = {
    # name: (front, back, over)
    "long": ("sidepart", "long", "locks"),
    "wavy": ("curtain", "wavy", "waves"),
    "bob": ("wisps", "bob", ""),
    "shoulder": ("sidepart", "shoulder", ""),
    "ponytail": ("wisps", "ponytail", ""),
    "bun": ("curtain", "bun", ""),
    "fringe": ("fringe", "long", "locks"),
    "pixie": ("wisps", "nape", ""),
    "halfup": ("curtain", "long", "locks"),
    "braids": ("curtain", "nape", "braids"),
    "afro": ("curls", "afro", ""),
    "manlong": ("curtain", "manlong", ""),
    "topknot": ("tied", "topknot", ""),
    "updo": ("tied", "updo", ""),
    "swept": ("swept", "", ""),
    "quiff": ("quiff", "", ""),
    "messy": ("messy", "nape", ""),
    "twoblock": ("twoblock", "", ""),
    "sidecut": ("sidecut", "", ""),
    "buzz": ("buzz", "", ""),
    "slick": ("slick", "", ""),
    "spiky": ("spiky", "", ""),
    "curls": ("curls", "nape", ""),
    "receding": ("receding", "", ""),
    "bald": ("", "", ""),
    "hijab": ("", "", ""),
    "turban": ("", "", ""),
}

_LOCKS = (
    "M-98,30 C-112,90 -118,150 -132,214 C-140,262 -124,308 -104,330 C-88,300 -84,240 -90,180 C-94,130 -88,80 -90,40 Z"
)
_WAVES = "M-97,40 C-122,80 -104,124 -126,164 C-146,204 -116,244 -130,286 C-134,316 -112,340 -92,344 C-74,316 -92,284 -80,248 C-66,210 -92,180 -84,144 C-76,108 -92,80 -89,50 Z"


def hair_svg(look: Look) -> Hair:
    """Return a person's hair; empty for the bald and for those who cover it."""
    front_name, back_name, over_name = _STYLES.get(look.hair, _STYLES["sidecut"])
    base = HAIR_COLOURS[look.hair_colour]
    line = darker(base, 0.55, "#120a18")
    back = ""
    if back_name:
        shape = _BACKS[back_name]
        back = (
            f'<linearGradient id="hb" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="{darker(base, 0.28)}"/><stop offset="1" stop-color="{darker(base, 0.12)}"/></linearGradient>'
            f'<path d="{shape}" fill="url(#hb)" stroke="{line}" stroke-width="4" stroke-linejoin="round"/>'
        )
        if back_name in ("long", "wavy"):
            back += f'<g stroke="{lighter(base, 0.16)}" stroke-width="4" fill="none" opacity=".5"><path d="M-116,120 C-118,200 -126,280 -120,350"/><path d="M116,120 C118,200 126,280 120,350"/></g>'
    front = _front(front_name, base, line) if front_name else ""
    over = ""
    if over_name in ("locks", "waves"):
        shape = _LOCKS if over_name == "locks" else _WAVES
        one = (
            f'<path d="{shape}" fill="{base}" stroke="{line}" stroke-width="3.5" stroke-linejoin="round"/>'
            f'<path d="M-104,110 C-110,170 -120,220 -112,290" stroke="{lighter(base, 0.28)}" stroke-width="5" fill="none" stroke-linecap="round" opacity=".55"/>'
        )
        over = one + f'<g transform="scale(-1 1)">{one}</g>'
    elif over_name == "braids":
        beads = "".join(
            f'<ellipse cx="{-92 - k * 3}" cy="{84 + k * 30}" rx="{19 - k}" ry="21" fill="{base}" stroke="{line}" stroke-width="3.5"/>'
            for k in range(6)
        )
        tie = '<rect x="-123" y="252" width="28" height="14" rx="5" fill="#c8475a"/>'
        over = beads + tie + f'<g transform="scale(-1 1)">{beads}{tie}</g>'
    return Hair(back, front, over)


def _front(name: str, base: str, line: str) -> str:
    shape, part = _FRONTS[name]
    light, deep = lighter(base, 0.3), darker(base, 0.3)
    strands = (
        '<path d="M-88,-20 C-86,-70 -62,-112 -20,-136"/><path d="M88,-20 C86,-70 66,-112 26,-136"/>'
        '<path d="M-58,-46 C-52,-84 -36,-112 -8,-128"/><path d="M60,-52 C56,-86 42,-112 18,-128"/>'
    )
    if name in ("buzz", "receding"):
        return f'<path d="{shape}" fill="{mix(base, "#8a6a58", 0.12)}" stroke="{line}" stroke-width="2.5" stroke-linejoin="round" opacity=".94"/>'
    return (
        f'<linearGradient id="hf" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="{lighter(base, 0.1)}"/><stop offset=".55" stop-color="{base}"/><stop offset="1" stop-color="{deep}"/></linearGradient>'
        f'<clipPath id="hc"><path d="{shape}"/></clipPath>'
        f'<path d="{shape}" fill="url(#hf)" stroke="{line}" stroke-width="4" stroke-linejoin="round"/>'
        f'<g clip-path="url(#hc)" fill="none" stroke-linecap="round">'
        f'<g stroke="{deep}" stroke-width="5" opacity=".6">{strands}</g>'
        f'<path d="M-96,-78 C-60,-112 -16,-118 6,-117 C40,-116 74,-106 98,-76" stroke="{light}" stroke-width="13" opacity=".34"/>'
        f'<path d="M-70,-104 C-44,-120 -20,-126 0,-126" stroke="#fff" stroke-width="5" opacity=".32"/>'
        + (f'<path d="{part}" stroke="{line}" stroke-width="3.5" opacity=".7"/>' if part else "")
        + "</g>"
    )
