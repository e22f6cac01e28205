"""POST /images/generations and /images/edits."""

from __future__ import annotations

import base64
import secrets
import time

from simulator.content import pictures
from simulator.content.texts import tokens
from simulator.door import Answer, Ask, World
from simulator.faults import Fault
from simulator.jsons import Json, as_dict, as_int, as_list, as_str, compact
from simulator.openai_face.errors import OpenAIErrors, error, model_of, needed

_TOKENS = {"low": 200, "medium": 433, "high": 1767, "xhigh": 3133, "max": 7033, "auto": 433}
"""Output tokens of a 1024 x 1024 picture, from its price at $30 per million."""
_INPUT_TOKENS = 323
_MAX_REFERENCES = 16


class ImagesDesk:
    """Makes pictures; `edit` takes at least one reference picture (multipart `image[]`, or JSON `images`)."""

    vendor, kind, op = "openai", "image", "submit"
    errors = OpenAIErrors()

    def __init__(self, world: World, edit: bool) -> None:
        self._world = world
        self._edit = edit

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check everything; return (model, prompt)."""
        f = ask.fields
        prompt = needed(f.get("prompt"), "prompt")
        model = model_of(self._world.catalogue, f.get("model") or "gpt-image-2.5-flare", "image")
        if "response_format" in f:
            raise error(400, "Unknown parameter: 'response_format'.", "unknown_parameter", "response_format")
        quality, form = as_str(f.get("quality")) or "auto", as_str(f.get("output_format")) or "png"
        if quality not in _TOKENS or (quality in ("xhigh", "max") and "-2.5-" not in model.id):
            raise error(400, f"Invalid value: '{quality}'.", "invalid_value", "quality")
        if form not in ("png", "jpeg", "webp"):
            raise error(400, f"Invalid value: '{form}'.", "invalid_value", "output_format")
        if not 1 <= as_int(f.get("n"), 1) <= 10:
            raise error(
                400,
                "Invalid 'n': integer out of range. Expected a value between 1 and 10.",
                "integer_out_of_range",
                "n",
            )
        _size(as_str(f.get("size")))
        if self._edit:
            self._check_references(ask)
        return model.id, prompt

    def _check_references(self, ask: Ask) -> None:
        uploads, named = ask.files.get("image", []), as_list(ask.fields.get("images"))
        if not uploads and not named:
            raise error(400, "Missing required parameter: 'image'.", "missing_required_parameter", "image")
        if len(uploads) + len(named) > _MAX_REFERENCES:
            raise error(400, f"Too many images: at most {_MAX_REFERENCES}.", "invalid_value", "image")
        if not all(as_dict(n).get("image_url") or as_dict(n).get("file_id") for n in named):
            raise error(400, "Each of 'images' needs 'image_url' or 'file_id'.", "invalid_value", "images")
        if any(pictures.size_of(u) is None for u in uploads):
            text = "Invalid image file or mode for image, please check your image file."
            raise error(400, text, "invalid_image_file", "image")

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return pictures as b64_json with the tokens they cost; a `refusal` is OpenAI's moderation error."""
        f = ask.fields
        if fault and fault.type == "refusal":
            text = fault.message or "Your request was rejected by the safety system."
            raise error(400, text, fault.code or "moderation_blocked", kind="image_generation_user_error")
        model = model_of(self._world.catalogue, f.get("model") or "gpt-image-2.5-flare", "image")
        prompt, form, quality = (
            as_str(f.get("prompt")),
            as_str(f.get("output_format")) or "png",
            as_str(f.get("quality")) or "auto",
        )
        width, height = _size(as_str(f.get("size")))
        count, references = as_int(f.get("n"), 1), len(ask.files.get("image", [])) + len(as_list(f.get("images")))
        data = [pictures.draw(prompt, width, height, form, salt=f"{n}:{references}") for n in range(count)]
        text_in, image_in = tokens(prompt), references * _INPUT_TOKENS
        out = count * max(1, _TOKENS[quality] * width * height // 1024**2)
        usage: Json = {
            "input_tokens": text_in + image_in,
            "output_tokens": out,
            "total_tokens": text_in + image_in + out,
        }
        usage["input_tokens_details"] = {"text_tokens": text_in, "image_tokens": image_in}
        usage["output_tokens_details"] = {"text_tokens": 0, "image_tokens": out}
        body: Json = {"created": int(time.time()), "background": "opaque", "output_format": form, "usage": usage}
        body |= {"quality": "medium" if quality == "auto" else quality, "size": f"{width}x{height}"}
        body["data"] = [{"b64_json": base64.b64encode(d).decode()} for d in data]
        identity = f"img_{secrets.token_hex(12)}"
        return Answer(
            compact(body),
            headers={"content-type": "application/json", "x-request-id": f"req_{identity}"},
            units={
                "images": count,
                "size": f"{width}x{height}",
                "quality": quality,
                "input_tokens": text_in + image_in,
                "output_tokens": out,
            },
            price=text_in * model.price_in + image_in * 8_000 + out * model.price_out,
            operation=identity,
        )


def _size(text: str) -> tuple[int, int]:
    """Return the pixels of a `size`; raise 400 outside 16-pixel steps, 3840 pixels a side and ratios 1:3 to 3:1."""
    if text in ("", "auto"):
        return 1024, 1024
    wide, _, high = text.partition("x")
    if not (wide.isdecimal() and high.isdecimal() and len(text) < 12):
        raise error(400, f"Invalid value: '{text}'.", "invalid_value", "size")
    width, height = int(wide), int(high)
    legal = width % 16 == 0 and height % 16 == 0 and min(width, height) >= 256 and max(width, height) <= 3840
    if not legal or max(width, height) > 3 * min(width, height):
        raise error(
            400, f"Invalid value: '{text}'. Sides are multiples of 16, the ratio at most 3:1.", "invalid_value", "size"
        )
    return width, height
