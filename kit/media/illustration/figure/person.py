"""A whole figure, in cels: body, head, eyes, mouth, and what lies over the face. Put over each other they are the figure."""

from __future__ import annotations

from dataclasses import dataclass

from kit.media.illustration.figure import animals
from kit.media.illustration.figure.clothes import clothes_svg
from kit.media.illustration.figure.face import eyes_svg, mouth_svg, nose_svg
from kit.media.illustration.figure.hair import hair_svg
from kit.media.illustration.figure.head import beard_svg, glasses_svg, head_svg, headwear_svg, jewels_svg, neck_svg
from kit.media.illustration.layers import Face
from kit.media.illustration.look import Look

PIVOT = 700.0
"""How far below the eyes a figure bends, in units."""


@dataclass(frozen=True)
class Pose:
    """How a figure stands: `tilt` of the head in degrees, `turn` of the face (-1 looks to the left .. 1 to the right), `lean` of
    the body in degrees, `lower` sinks the head into the shoulders (units)."""

    tilt: float = 0.0
    turn: float = 0.0
    lean: float = 0.0
    lower: float = 0.0


def _body(marks: str, pose: Pose) -> str:
    return f'<g transform="rotate({pose.lean:.3f} 0 {PIVOT:.0f})">{marks}</g>'


def _head(marks: str, pose: Pose) -> str:
    return _body(f'<g transform="rotate({pose.tilt:.3f} 0 130) translate(0 {pose.lower:.2f})">{marks}</g>', pose)


def _features(marks: str, pose: Pose) -> str:
    """Features move to the side and get narrower when the head turns."""
    return f'<g transform="translate({pose.turn * 9:.2f} 0) scale({1 - abs(pose.turn) * 0.06:.3f} 1)">{marks}</g>'


def body_cel(look: Look, pose: Pose) -> str:
    """Return what lies behind and below the head."""
    if look.species != "human":
        return _body(animals.body_svg(look), pose)
    lift = -26 if look.age == "child" else -14
    torso = f'<g transform="translate(0 {lift})">{neck_svg(look)}{clothes_svg(look)}</g>'
    return _head(hair_svg(look).back, pose) + _body(torso, pose)


def head_cel(look: Look, pose: Pose) -> str:
    """Return the head without the parts that move."""
    if look.species != "human":
        return _head(animals.head_svg(look), pose)
    return _head(head_svg(look) + _features(beard_svg(look) + nose_svg(look), pose), pose)


def eyes_cel(look: Look, emotion: str, eyes: str, pose: Pose) -> str:
    """Return eyes, brows and signs of feeling."""
    marks = eyes_svg(look, emotion, eyes) if look.species == "human" else animals.eyes_svg(look, emotion, eyes)
    return _head(_features(marks, pose), pose)


def mouth_cel(look: Look, emotion: str, mouth: str, pose: Pose) -> str:
    """Return the mouth."""
    marks = mouth_svg(look, emotion, mouth) if look.species == "human" else animals.mouth_svg(look, emotion, mouth)
    return _head(_features(marks, pose), pose)


def over_cel(look: Look, pose: Pose) -> str:
    """Return what lies over the face: glasses, hair, headwear."""
    if look.species != "human":
        return ""
    hair = hair_svg(look)
    upper = f'<g transform="translate({pose.turn * 3:.2f} 0)">{hair.front}{headwear_svg(look)}</g>'
    return _head(_features(glasses_svg(look), pose) + upper + jewels_svg(look) + hair.over, pose)


def figure_svg(look: Look, face: Face, pose: Pose) -> str:
    """Return the whole figure. Its origin is the middle between the eyes of an upright head."""
    return (
        body_cel(look, pose)
        + head_cel(look, pose)
        + mouth_cel(look, face.emotion, face.mouth, pose)
        + eyes_cel(look, face.emotion, face.eyes, pose)
        + over_cel(look, pose)
    )
