"""Lighting a cut-out figure so that it belongs into its scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kit.media.illustration.colours import unit
from kit.media.illustration.raster import Bytes, Floats, blur, shifted


@dataclass(frozen=True)
class Light:
    """The light of a scene. `key` falls from `side` (-1 left .. 1 right) with `strength`; `ambient` colours everything by `tint` (0..1);
    `shade` is the colour of the unlit side; `rim` the colour of the edge light on the key's side (and faintly on the other)."""

    key: str
    ambient: str
    shade: str
    rim: str
    side: float = 1.0
    strength: float = 0.5
    tint: float = 0.3
    rim_power: float = 0.8


@dataclass(frozen=True)
class Relief:
    """What a light does to every pixel of one figure: colours are multiplied by `gain`, then `glow` is added (both height x width x 3)."""

    gain: Floats
    glow: Floats

    def cut(self, x: int, y: int, width: int, height: int) -> Relief:
        """Return the part of the relief that belongs to a smaller picture of the same figure."""
        return Relief(self.gain[y : y + height, x : x + width], self.glow[y : y + height, x : x + width])

    def apply(self, pixels: Bytes) -> Bytes:
        """Return RGBA pixels under this light; alpha stays."""
        out = pixels.copy()
        lit = pixels[..., :3] * self.gain
        lit += self.glow
        np.clip(lit, 0, 255, out=lit)
        out[..., :3] = lit.astype(np.uint8)
        return out


def relief_of(alpha: Bytes, light: Light, unit_px: float) -> Relief:
    """Work out the relief of a figure's silhouette. `unit_px`: size of one figure unit in pixels; rims scale with it."""
    height, width = alpha.shape
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :] * np.float32(1 if light.side >= 0 else -1)
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    toward = np.clip(0.5 + across * 0.55 - (down - 0.35) * 0.35, 0, 1) * np.float32(light.strength)
    away = np.clip(0.42 - across * 0.5 + (down - 0.3) * 0.75, 0, 1) * np.float32(light.strength)
    base = 1 - np.float32(light.tint) * (1 - unit(light.ambient))
    gain = base[None, None, :] * (1 + toward[..., None] * 0.42 * (unit(light.key) * 1.1))
    gain *= 1 - away[..., None] * 0.78 * (1 - unit(light.shade))[None, None, :]
    reach = max(1, round(7 * unit_px))
    dx = reach if light.side >= 0 else -reach
    near = _edge(alpha, -dx, round(reach * 0.55), 2.4 * unit_px)
    far = _edge(alpha, round(dx * 0.5), round(reach * 0.3), 2.0 * unit_px)
    wide = _edge(alpha, -dx * 3, reach, 10 * unit_px)
    rim = unit(light.rim) * 255 * np.float32(light.rim_power)
    glow = (near * 0.85 + wide * 0.22 + far * 0.25)[..., None] * rim
    return Relief(gain.astype(np.float32), glow.astype(np.float32))


def _edge(alpha: Bytes, dx: int, dy: int, soft: float) -> NDArray[np.float32]:
    """The part of a silhouette within a shift of its edge, softened, in 0..1."""
    inner = blur(shifted(alpha, dx, dy), max(0.8, soft))
    own = alpha.astype(np.float32) / np.float32(255)
    open_side = (np.float32(255) - inner.astype(np.float32)) / np.float32(255)
    return (own * open_side).astype(np.float32)


def with_shadow(pixels: Bytes, dx: int, dy: int, radius: float, colour: str, power: float) -> Bytes:
    """Return the figure with a soft shadow of itself behind it (the picture's size stays, so leave a margin)."""
    alpha = pixels[..., 3]
    cast = blur(shifted(alpha, dx, dy), radius).astype(np.float32) * np.float32(power / 255)
    own = alpha.astype(np.float32) / 255
    total = own + cast * (1 - own)
    safe = np.maximum(total, 1e-4)[..., None]
    tone = unit(colour) * 255
    out = np.empty_like(pixels)
    out[..., :3] = ((pixels[..., :3] * own[..., None] + tone * (cast * (1 - own))[..., None]) / safe).astype(np.uint8)
    out[..., 3] = np.round(total * 255).astype(np.uint8)
    return out
