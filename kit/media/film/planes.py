"""Pictures as the encoder wants them (limited-range BT.709 in 4:2:0), so that a frame is put together without converting it.

Composing in these planes moves half the bytes of RGB and needs no conversion per frame: it is what makes drawing a clip cheaper than
encoding it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kit.media.ffmpeg import MediaError

Box = tuple[int, int, int, int]
MOST_PIXELS = 40_000_000


def decode(png: bytes, mode: str) -> Image.Image:
    """A picture in `RGB` or `RGBA`. Raises MediaError when it is broken or holds more than 40 million pixels."""
    try:
        image = Image.open(io.BytesIO(png))
        if image.width * image.height > MOST_PIXELS:
            raise MediaError(f"a picture of {image.width}x{image.height} is too large")
        return image.convert(mode)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise MediaError(f"a picture cannot be read: {error}") from error


@dataclass(frozen=True)
class Plate:
    """One layer: luma and two chroma planes of half the size, and its cover in both sizes (None: opaque everywhere).

    Its upper left corner stands at `x`, `y` of the frame; both are even, as are width and height.
    """

    x: int
    y: int
    luma: Image.Image
    cb: Image.Image
    cr: Image.Image
    cover: Image.Image | None = None
    half_cover: Image.Image | None = None

    @property
    def width(self) -> int:
        return self.luma.width

    @property
    def height(self) -> int:
        return self.luma.height

    def planes(self) -> tuple[Image.Image, ...]:
        """All planes, in the order of the fields."""
        return tuple(p for p in (self.luma, self.cb, self.cr, self.cover, self.half_cover) if p is not None)


# ITU-R BT.709 in limited range: rows for Pillow's matrix conversion, the last number is the offset.
_RED, _GREEN, _BLUE = 0.2126, 0.7152, 0.0722
_LUMA = (_RED * 219 / 255, _GREEN * 219 / 255, _BLUE * 219 / 255, 16.0)
_CB = (*(v * 224 / 255 / 1.8556 for v in (-_RED, -_GREEN, 1 - _BLUE)), 128.0)
_CR = (*(v * 224 / 255 / 1.5748 for v in (1 - _RED, -_GREEN, -_BLUE)), 128.0)


def plate(image: Image.Image, x: int = 0, y: int = 0) -> Plate:
    """An RGB or RGBA picture as a plate at `x`, `y`, widened by transparent pixels to even edges.

    Chroma is averaged by cover, so the unseen colour behind a transparent edge does not bleed into it. The matrix is that of ITU-R BT.709
    in limited range.
    """
    left, top = x % 2, y % 2
    width, height = (image.width + left + 1) // 2 * 2, (image.height + top + 1) // 2 * 2
    if (width, height) != image.size:
        padded = Image.new(image.mode, (width, height))
        padded.paste(image, (left, top))
        image = padded
    # Reducing RGBA averages by cover.
    colours, half = image.convert("RGB"), image.reduce(2)
    luma = colours.convert("L", _LUMA)
    cb, cr = (half.convert("RGB").convert("L", row) for row in (_CB, _CR))
    if image.mode == "RGB":
        return Plate(x - left, y - top, luma, cb, cr)
    return Plate(x - left, y - top, luma, cb, cr, image.getchannel("A"), half.getchannel("A"))


def cropped(layer: Plate, box: Box) -> Plate:
    """The part of a plate in `box` of the plate's own pixels (even numbers)."""
    left, top, right, bottom = box
    half = (left // 2, top // 2, right // 2, bottom // 2)
    full_cover = layer.cover.crop(box) if layer.cover else None
    half_cover = layer.half_cover.crop(half) if layer.half_cover else None
    at = (layer.x + left, layer.y + top)
    return Plate(*at, layer.luma.crop(box), layer.cb.crop(half), layer.cr.crop(half), full_cover, half_cover)


def trimmed(layer: Plate, width: int, height: int) -> Plate:
    """The plate without what is transparent or outside a frame of that size; at least two pixels remain."""
    box = (layer.cover.getbbox() if layer.cover else None) or (0, 0, layer.width, layer.height)
    left, top = max(box[0], -layer.x) // 2 * 2, max(box[1], -layer.y) // 2 * 2
    right = (min(box[2], width - layer.x) + 1) // 2 * 2
    bottom = (min(box[3], height - layer.y) + 1) // 2 * 2
    return cropped(layer, (left, top, max(left + 2, right), max(top + 2, bottom)))


def core(layer: Plate, margin: int = 4) -> Box | None:
    """A large rectangle at the plate's foot that is opaque everywhere, in the plate's own even pixels; None when there is none.

    `margin` pixels inside its edges are given away, so that a little stretching does not reach it.
    """
    if layer.cover is None:
        return (0, 0, layer.width, layer.height)
    opaque = np.asarray(layer.cover) == 255
    below = np.logical_and.accumulate(opaque[::-1], axis=0)[::-1]
    best, found = 0, None
    for top in range(0, layer.height - 32, 32):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], below[top], [False]]).astype(np.int8)))
        for left, right in zip(edges[::2], edges[1::2], strict=True):
            area = int(right - left) * (layer.height - top)
            if area > best and right - left > 8 * margin:
                best, found = (
                    area,
                    (int(left + margin + 1) // 2 * 2, top + margin, int(right - margin) // 2 * 2, layer.height),
                )
    return found if best > 0.1 * layer.width * layer.height else None


def without(layer: Plate, hole: Box | None) -> tuple[Plate, ...]:
    """The plate's visible parts around a rectangle of its own pixels."""
    if hole is None:
        return (layer,)
    left, top, right, bottom = max(0, hole[0]), max(0, hole[1]), min(layer.width, hole[2]), min(layer.height, hole[3])
    if left >= right or top >= bottom:
        return (layer,)
    around = (
        (0, 0, layer.width, top),
        (0, top, left, bottom),
        (right, top, layer.width, bottom),
        (0, bottom, layer.width, layer.height),
    )
    pieces = (cropped(layer, box) for box in around if box[0] < box[2] and box[1] < box[3])
    return tuple(p for p in pieces if p.cover is None or p.cover.getbbox() is not None)


def overlaid(layer: Plate, front: Plate) -> Plate:
    """The plate seen through another one, its own cover unchanged. The planes of `layer` are drawn on.

    Laying the result over a picture that was itself seen through `front` is the same as laying `front` over all of it, because blending is
    affine in what lies below.
    """
    at = (front.x - layer.x, front.y - layer.y)
    layer.luma.paste(front.luma, at, front.cover)
    for under, over in ((layer.cb, front.cb), (layer.cr, front.cr)):
        under.paste(over, (at[0] // 2, at[1] // 2), front.half_cover)
    return layer


class Frame:
    """The picture being put together: `data` holds it as ffmpeg's rawvideo yuv420p, `arrays` and the plates' pasting write into it."""

    def __init__(self, width: int, height: int) -> None:
        luma, chroma = width * height, width * height // 4
        self.data = np.zeros(luma + 2 * chroma, np.uint8)
        cuts = ((0, luma, width), (luma, luma + chroma, width // 2), (luma + chroma, luma + 2 * chroma, width // 2))
        self.arrays = tuple(self.data[a:b].reshape(-1, wide) for a, b, wide in cuts)
        self._images = tuple(self._over(array) for array in self.arrays)

    @staticmethod
    def _over(array: NDArray[np.uint8]) -> Image.Image:
        """A picture on the array's own memory. Pillow marks it read-only and would copy it at the first paste."""
        image = Image.frombuffer("L", (array.shape[1], array.shape[0]), array, "raw", "L", 0, 1)
        image.readonly = 0
        return image

    def put(self, layer: Plate) -> None:
        """Lay a plate over the frame; what hangs over the edges is cut."""
        luma, cb, cr = self._images
        luma.paste(layer.luma, (layer.x, layer.y), layer.cover)
        half = (layer.x // 2, layer.y // 2)
        cb.paste(layer.cb, half, layer.half_cover)
        cr.paste(layer.cr, half, layer.half_cover)
