"""Google's error bodies."""

from __future__ import annotations

from starlette.requests import Request

from simulator.catalogue import RETIRED, Catalogue, Model
from simulator.door import HTML, Answer, VendorError
from simulator.faults import Fault
from simulator.jsons import Json

_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_WORDS = {
    429: "Resource has been exhausted (e.g. check quota).",
    500: "An internal error has occurred. Please retry or report it.",
    503: "The model is overloaded. Please try again later.",
    504: "The service is unable to finish processing within the deadline.",
}
_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
_RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo"


def error(code: int, message: str, details: list[Json] | None = None) -> VendorError:
    """Return a refusal in Google's shape."""
    body: Json = {"code": code, "message": message, "status": _STATUS.get(code, "UNKNOWN")}
    return VendorError(Answer.of({"error": body | ({"details": details} if details else {})}, code))


class GeminiErrors:
    """Google's refusals of keys, bodies and bare statuses."""

    def key(self, request: Request) -> str:
        """Return the key from the header or the query."""
        return request.headers.get("x-goog-api-key") or request.query_params.get("key", "")

    def refuse_key(self, key: str) -> VendorError | None:
        """403 without a key, 400 for a bad one, 429 for an empty account."""
        if not key:
            return error(403, "Method doesn't allow unregistered callers (callers without established identity).")
        if "bad" in key:
            info: Json = {"@type": _ERROR_INFO, "reason": "API_KEY_INVALID", "domain": "googleapis.com"}
            return error(400, "API key not valid. Please pass a valid API key.", [info])
        if "quota" in key:
            text = "You exceeded your current quota, please check your plan and billing details."
            return error(429, text, [{"@type": _RETRY_INFO, "retryDelay": "30s"}])
        return None

    def of_status(self, status: int, fault: Fault) -> Answer:
        """Return a bare status as Google or its front end words it."""
        if status == 502:
            return Answer(HTML, status, {"content-type": "text/html"}, free=True)
        details: list[Json] = []
        headers = {}
        if fault.retry_after is not None:
            details.append({"@type": _RETRY_INFO, "retryDelay": f"{fault.retry_after:g}s"})
            headers["retry-after"] = f"{fault.retry_after:g}"
        text = fault.message or _WORDS.get(status, "The request failed.")
        answer = error(status, text, details).answer
        return Answer(answer.body, status, {**answer.headers, **headers}, free=True)

    def bad_body(self, message: str) -> VendorError:
        """400 for a body that is not a JSON object."""
        return error(400, f"Invalid JSON payload received. {message}")


def model_of(catalogue: Catalogue, name: str) -> Model:
    """Return the living model; raise Google's 404 otherwise."""
    model = catalogue.get("gemini", name)
    if model is None and name in RETIRED:
        text = f"This model models/{name} is no longer available. Please update your code to use a newer model."
        raise error(404, text)
    if model is None:
        text = f"models/{name} is not found for API version v1beta, or is not supported for generateContent."
        raise error(404, text + " Call ListModels to see the list of available models and their supported methods.")
    return model
