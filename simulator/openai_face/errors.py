"""OpenAI's error bodies."""

from __future__ import annotations

from starlette.requests import Request

from simulator.catalogue import RETIRED, Catalogue, Model
from simulator.door import HTML, Answer, VendorError
from simulator.faults import Fault

_KINDS = {429: ("requests", "rate_limit_exceeded", "Rate limit reached for requests. Please try again later.")}
_DOCS = "https://platform.openai.com/docs"


def error(status: int, message: str, code: str | None = None, param: str | None = None, kind: str = "") -> VendorError:
    """Return a refusal in OpenAI's shape."""
    kind = kind or ("server_error" if status >= 500 else "invalid_request_error")
    return VendorError(Answer.of({"error": {"message": message, "type": kind, "param": param, "code": code}}, status))


class OpenAIErrors:
    """OpenAI's refusals of keys, bodies and bare statuses."""

    def key(self, request: Request) -> str:
        """Return the bearer token."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def refuse_key(self, key: str) -> VendorError | None:
        """401 for a missing or bad key, 429 `insufficient_quota` for an empty account."""
        if not key:
            return error(
                401, "You didn't provide an API key. You need to provide your API key in an Authorization header."
            )
        if "bad" in key:
            shown = f"{key[:4]}***{key[-4:]}"
            text = f"Incorrect API key provided: {shown}. You can find your API key at {_DOCS}."
            return error(401, text, "invalid_api_key")
        if "quota" in key:
            text = "You exceeded your current quota, please check your plan and billing details."
            return error(429, text, "insufficient_quota", kind="insufficient_quota")
        return None

    def of_status(self, status: int, fault: Fault) -> Answer:
        """Return a bare status as OpenAI or its proxy words it; 429 and 503 may carry Retry-After."""
        headers = {} if fault.retry_after is None else {"retry-after": f"{fault.retry_after:g}"}
        if status in (502, 504):
            return Answer(HTML, status, {"content-type": "text/html", **headers}, free=True)
        kind, code, text = _KINDS.get(
            status, ("server_error" if status >= 500 else "invalid_request_error", "", "The server had an error.")
        )
        body = {"message": fault.message or text, "type": kind, "param": None, "code": fault.code or code or None}
        return Answer.of({"error": body}, status, headers)

    def bad_body(self, message: str) -> VendorError:
        """400 for a body that is not a JSON object."""
        return error(400, f"We could not parse the JSON body of your request. ({message})")


def model_of(catalogue: Catalogue, name: object, kind: str) -> Model:
    """Return the living model of this kind; raise the 400 or 404 that OpenAI gives otherwise."""
    if not isinstance(name, str) or not name:
        raise error(400, "you must provide a model parameter", "missing_required_parameter", "model")
    model = catalogue.get("openai", name)
    if model is None and name in RETIRED:
        text = f"The model `{name}` has been deprecated, learn more here: {_DOCS}/deprecations"
        raise error(404, text, "model_not_found")
    if model is None:
        text = f"The model `{name}` does not exist or you do not have access to it."
        raise error(404, text, "model_not_found")
    if model.kind != kind:
        raise error(400, f"The model `{name}` does not support this endpoint.", "invalid_value", "model")
    return model


def needed(value: object, name: str) -> str:
    """Return a required text; raise 400 if it is missing or no text."""
    if value is None or value == "":
        raise error(400, f"Missing required parameter: '{name}'.", "missing_required_parameter", name)
    if not isinstance(value, str):
        raise error(400, f"Invalid type for '{name}': expected a string.", "invalid_type", name)
    return value
