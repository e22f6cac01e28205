"""Actors as pictures: the lit figure and the faces that can be laid over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kit.media.illustration.figure.person import eyes_cel, figure_svg, head_cel, mouth_cel, over_cel
from kit.media.illustration.layers import EYES, MOUTHS, ActorLayer, Face
from kit.media.illustration.light import Light, Relief, relief_of, with_shadow
from kit.media.illustration.raster import Bytes, blur, encode_png, render_svg
from kit.media.illustration.staging import Mark, face_centre

_OVERHANG = 0.06
_REACH = (330, 345, 1290)  # units left and right of the eyes, above and below them


@dataclass(frozen=True)
class Frame:
    """The real frame: `scale` pixels per unit of the staging frame, whose origin is at `left`, `top`."""

    width: int
    height: int
    scale: float
    left: float
    top: float

    @classmethod
    def of(cls, width: int, height: int) -> Frame:
        """Return the frame that the staging frame of 1080 x 1920 covers, centred."""
        scale = max(width / 1080, height / 1920)
        return cls(width, height, scale, (width - 1080 * scale) / 2, (height - 1920 * scale) / 2)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the staging frame lies in pixels."""
        return self.left + x * self.scale, self.top + y * self.scale


@dataclass(frozen=True)
class Actor:
    """A drawn actor: RGBA pixels at `x`, `y` of the frame, with what is needed to draw other faces in the same light."""

    mark: Mark
    pixels: Bytes
    x: int
    y: int
    unit: float
    raw: Bytes
    relief: Relief

    def view(self, x: int, y: int, width: int, height: int, frame: Frame) -> tuple[float, float, float, float]:
        """Return the part of figure space (units) that a rectangle of this actor's own pixels shows."""
        eye_x, eye_y = frame.place(self.mark.x, self.mark.y)
        return (self.x + x - eye_x) / self.unit, (self.y + y - eye_y) / self.unit, width / self.unit, height / self.unit


def first_face(mark: Mark) -> Face:
    """Return the face that an actor's body is drawn with."""
    return Face(mark.emotion, "closed", "open")


def draw_actor(mark: Mark, frame: Frame, light: Light) -> Actor:
    """Return the actor on its mark, lit by `light`, with a soft shadow behind it."""
    unit = mark.size * frame.scale
    eye_x, eye_y = frame.place(mark.x, mark.y)
    left = round(max(eye_x - _REACH[0] * unit, -_OVERHANG * frame.width))
    right = round(min(eye_x + _REACH[0] * unit, (1 + _OVERHANG) * frame.width))
    top = round(max(eye_y - _REACH[1] * unit, 0))
    bottom = round(min(eye_y + _REACH[2] * unit, (1 + _OVERHANG) * frame.height))
    width, height = max(8, right - left), max(8, bottom - top)
    view = ((left - eye_x) / unit, (top - eye_y) / unit, width / unit, height / unit)
    raw = render_svg(figure_svg(mark.look, first_face(mark), mark.pose), view, width, height)
    relief = relief_of(raw[..., 3], light, unit)
    side = 1 if light.side >= 0 else -1
    lit = with_shadow(relief.apply(raw), round(-side * 16 * unit), round(12 * unit), 22 * unit, light.shade, 0.38)
    return Actor(mark, lit, left, top, unit, raw, relief)


def layer_of(actor: Actor, frame: Frame, emotions: tuple[str, ...]) -> ActorLayer:
    """Return the actor as a layer with a patch for every face of `emotions`, all mouths, eyes open and closed."""
    mark = actor.mark
    centre_x, centre_y = frame.place(*face_centre(mark))
    unit = actor.unit
    x0 = max(0, round(centre_x - 128 * unit) - actor.x, -actor.x)
    y0 = max(0, round(centre_y - 118 * unit) - actor.y)
    x1 = min(actor.raw.shape[1], round(centre_x + 128 * unit) - actor.x, frame.width - actor.x)
    y1 = min(actor.raw.shape[0], round(centre_y + 142 * unit) - actor.y, frame.height - actor.y)
    width, height = x1 - x0, y1 - y0
    view = actor.view(x0, y0, width, height, frame)
    drawn = _faces(mark, emotions, view, width, height)
    base = next(iter(drawn.values()))
    changed = np.zeros((height, width), bool)
    for pixels in drawn.values():
        changed |= (pixels != base).any(axis=-1)
    grow = np.array(blur((changed * np.uint8(255)).astype(np.uint8), max(1.0, 1.6 * unit))) > 4
    own = actor.raw[y0:y1, x0:x1, 3]
    mask = (changed | grow) & (base[..., 3] == 255) & (own == 255)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, low, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    relief = actor.relief.cut(x0 + left, y0 + top, right - left, low - top)
    alpha = (mask[top:low, left:right] * np.uint8(255)).astype(np.uint8)
    patches = {}
    for face, pixels in drawn.items():
        lit = relief.apply(np.ascontiguousarray(pixels[top:low, left:right]))
        lit[..., 3] = alpha
        lit[alpha == 0, :3] = 0
        patches[face] = encode_png(lit)
    head = 250 * unit / (0.2 * frame.height)
    return ActorLayer(
        mark.character.id,
        encode_png(actor.pixels),
        actor.x,
        actor.y,
        patches,
        actor.x + x0 + left,
        actor.y + y0 + top,
        round(head, 3),
    )


def _faces(
    mark: Mark, emotions: tuple[str, ...], view: tuple[float, float, float, float], width: int, height: int
) -> dict[Face, Bytes]:
    """Return every face as RGBA, drawn from cels: far fewer than there are faces, as eyes and mouths are drawn apart."""

    def cel(marks: str) -> Bytes:
        return render_svg(marks, view, width, height)

    look, pose = mark.look, mark.pose
    head, top = cel(head_cel(look, pose)), cel(over_cel(look, pose))
    faces = {}
    for emotion in emotions:
        lids = {eyes: cel(eyes_cel(look, emotion, eyes, pose)) for eyes in EYES}
        for mouth in MOUTHS:
            lips = _over(head, cel(mouth_cel(look, emotion, mouth, pose)))
            for eyes in EYES:
                faces[Face(emotion, mouth, eyes)] = _over(_over(lips, lids[eyes]), top)
    return faces


def _over(base: Bytes, top: Bytes) -> Bytes:
    """Return `top` over `base`; alpha is the base's, as a face lies wholly on its head."""
    alpha = top[..., 3:4].astype(np.uint16)
    out = base.copy()
    out[..., :3] = (top[..., :3] * alpha + base[..., :3] * (255 - alpha) + 127) // 255
    return out
