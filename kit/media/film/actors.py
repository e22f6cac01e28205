"""One actor on film: a body that breathes and a face that changes, drawn ahead in the few states that a clip needs."""

from __future__ import annotations

import math

from PIL import Image

from kit.media.film.planes import Box, Plate, core, cropped, decode, overlaid, plate, trimmed, without
from kit.media.illustration.layers import ActorLayer, Face

STATES = 15
"""How many heights a body is drawn in, from at rest to the deepest breath and the strongest word."""

_STEP = 0.6
"""Difference of two neighbouring states at the top of a 1920 pixels high frame, in pixels: too little to be seen as a jump."""


class Actor:
    """An actor's plates for one frame size. Growing is anchored at the lower edge, as a breathing chest does it.

    `front` is what stands before the actor (weather, light): it is drawn into the plates, which spares blending it in every frame.
    Raises MediaError when a picture cannot be read.
    """

    def __init__(self, layer: ActorLayer, width: int, height: int, front: Plate | None = None) -> None:
        self.character_id = layer.character_id
        self._layer = layer
        self._step = _STEP * height / 1920
        self._head_room = math.ceil(self._step * (STATES + 1) / 2 + 1) * 2
        body = decode(layer.body, "RGBA")
        roomy = Image.new("RGBA", (body.width, body.height + self._head_room))
        roomy.paste(body, (0, self._head_room))
        at_rest = plate(roomy, layer.x, layer.y - self._head_room)
        box = at_rest.cover.getbbox() if at_rest.cover else None
        top = max(0, (box[1] if box else 0) - self._head_room) // 2 * 2
        self._rest = self._within(cropped(at_rest, (0, top, at_rest.width, at_rest.height)), width, height)
        self._front = front
        first = next(iter(layer.patches), None)
        self._worn = Face(first.emotion, "closed", "open") if first else None
        self._bodies: dict[int, Plate] = {}
        self._pieces: dict[int, tuple[Plate, ...]] = {}
        self._faces: dict[tuple[int, Face], Plate | None] = {}
        self._patches: dict[Face, Plate] = {}
        self._frame = (width, height)

    @staticmethod
    def _within(body: Plate, width: int, height: int) -> Plate:
        """The plate cut at the frame's sides and lower edge, its empty head room kept."""
        left = max(0, -body.x) // 2 * 2
        right = max(left + 2, min(body.width, width - body.x) // 2 * 2)
        bottom = max(2, min(body.height, height - body.y) // 2 * 2)
        return cropped(body, (left, 0, right, bottom))

    def _growth(self, state: int) -> float:
        """How much taller the body is in a state: a factor of its height at rest."""
        content = self._rest.height - self._head_room
        return (content + self._step * (state + 1)) / content

    def body(self, state: int) -> Plate:
        """The body with its first face, in one of `STATES` heights."""
        if state not in self._bodies:
            rest = self._rest
            body = self._grown(rest, rest.height - rest.height / self._growth(state), rest.height, rest.y)
            self._bodies[state] = overlaid(body, self._front) if self._front else body
        return self._bodies[state]

    def pieces(self, state: int) -> tuple[Plate, ...]:
        """`body(state)` in parts: the opaque middle, which is copied instead of blended, and what surrounds it."""
        if state not in self._pieces:
            body = self.body(state)
            middle = core(body)
            parts = without(body, middle)
            if middle is not None:
                solid = cropped(body, middle)
                parts = (*parts, Plate(solid.x, solid.y, solid.luma, solid.cb, solid.cr))
            self._pieces[state] = parts
        return self._pieces[state]

    def hidden(self) -> Box | None:
        """A rectangle of the frame that this actor covers in every state."""
        body = self.body(0)
        box = core(body, margin=self._head_room + 4)
        return (box[0] + body.x, box[1] + body.y, box[2] + body.x, box[3] + body.y) if box else None

    @staticmethod
    def _grown(source: Plate, top: float, bottom: float, y: int, height: int | None = None) -> Plate:
        """The rows of `source` from `top` to `bottom` (fractions allowed), stretched to `height` rows at `y` of the frame."""
        tall = height or source.height
        planes = []
        for plane in source.planes():
            half = 1 if plane.size == source.luma.size else 2
            box = (0.0, top / half, float(plane.width), bottom / half)
            planes.append(plane.resize((plane.width, tall // half), Image.Resampling.BICUBIC, box))
        return Plate(source.x, y, *planes)

    def _choose(self, wanted: Face) -> Face | None:
        """The drawn face that comes nearest: the mouth may give way to a closed one, the emotion to neutral, but not the eyes first."""
        emotions = (wanted.emotion, "neutral", *(face.emotion for face in self._layer.patches))
        for emotion in emotions:
            for mouth, eyes in (
                (wanted.mouth, wanted.eyes),
                (wanted.mouth, "open"),
                ("closed", wanted.eyes),
                ("closed", "open"),
            ):
                face = Face(emotion, mouth, eyes)
                if face in self._layer.patches:
                    return face
        return None

    def face(self, state: int, wanted: Face) -> Plate | None:
        """The face to lay over `body(state)`, or None when the body wears it already or this actor has no faces."""
        key = (state, wanted)
        if key not in self._faces:
            chosen = self._choose(wanted)
            self._faces[key] = self._drawn_face(state, chosen) if chosen and chosen != self._worn else None
        return self._faces[key]

    def _drawn_face(self, state: int, face: Face) -> Plate:
        rest = self._rest
        if face not in self._patches:
            picture = decode(self._layer.patches[face], "RGBA")
            self._patches[face] = trimmed(plate(picture, self._layer.patch_x, self._layer.patch_y), *self._frame)
        patch = self._patches[face]
        growth = self._growth(state)
        left, right = max(0, patch.x - rest.x), min(rest.width, patch.x - rest.x + patch.width)
        above = max(0, patch.y - rest.y - 8)
        below = min(rest.height, patch.y - rest.y + patch.height + 8)
        band = cropped(rest, (left, above, right, below))
        at = (patch.x - band.x, patch.y - band.y)
        band.luma.paste(patch.luma, at, patch.cover)
        for under, over in ((band.cb, patch.cb), (band.cr, patch.cr)):
            under.paste(over, (at[0] // 2, at[1] // 2), patch.half_cover)

        def grown(row: float) -> float:
            return rest.height - (rest.height - row) * growth

        def shrunk(row: float) -> float:
            return rest.height - (rest.height - row) / growth

        top = max(0, math.floor(grown(above + 4) / 2) * 2)
        bottom = min(rest.height, math.ceil(grown(below - 4) / 2) * 2)
        rows = (max(0.0, shrunk(top) - above), min(float(band.height), shrunk(bottom) - above))
        flat = Plate(band.x, band.y, band.luma, band.cb, band.cr)
        drawn = self._grown(flat, *rows, rest.y + top, bottom - top)
        cover = cropped(self.body(state), (left, top, right, bottom))
        made = Plate(drawn.x, drawn.y, drawn.luma, drawn.cb, drawn.cr, cover.cover, cover.half_cover)
        return overlaid(made, self._front) if self._front else made
