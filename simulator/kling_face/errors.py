"""Kling's keys and errors: API keys as they are, tokens signed with HS256, and codes beside the HTTP status."""

from __future__ import annotations

import secrets

import jwt
from starlette.requests import Request

from simulator.delivery import BearerErrors
from simulator.door import HTML, Answer, VendorError
from simulator.faults import Fault
from simulator.jsons import Json, as_int, as_str

_CODES = {400: 1201, 401: 1002, 403: 1103, 404: 1203, 429: 1302, 500: 5000, 503: 5001, 504: 5002}
_STATUS = {
    **dict.fromkeys((1000, 1001, 1002, 1003, 1004), 401),
    **dict.fromkeys((1100, 1101, 1102, 1302, 1303, 1304), 429),
    **dict.fromkeys((1200, 1201, 1300, 1301), 400),
    1103: 403,
    1202: 404,
    1203: 404,
    5000: 500,
    5001: 503,
    5002: 504,
}
_REFUSED = "bad:"


def secret_of(access: str) -> str:
    """Return the secret of an access key: every access key is known here."""
    return f"{access}-secret"


def shape(code: int, message: str, **more: object) -> Json:
    """Return Kling's envelope."""
    return {"code": code, "message": message, "request_id": secrets.token_hex(16), **more}


def error(code: int, message: str) -> VendorError:
    """Return the refusal that a code stands for."""
    return VendorError(Answer.of(shape(code, message), _STATUS.get(code, 400)))


class KlingErrors(BearerErrors):
    """`signed`: tokens are taken too, as the classic protocol does."""

    def __init__(self, signed: bool) -> None:
        super().__init__(lambda status, message: shape(_CODES.get(status, 5000), message), "Authentication failed")
        self._signed = signed

    def error(self, status: int, message: str) -> VendorError:
        """Return a refusal."""
        return error(_CODES.get(status, 5000), message)

    def key(self, request: Request) -> str:
        """Return the API key, or the access key that has signed the token; a token that is not sound becomes a bad key."""
        token = super().key(request)
        if token.count(".") != 2:
            return token
        if not self._signed:
            return f"{_REFUSED}1002"
        try:
            access = as_str(jwt.decode(token, options={"verify_signature": False}).get("iss"))
            jwt.decode(token, secret_of(access), algorithms=["HS256"], options={"require": ["exp", "nbf", "iss"]})
        except jwt.ExpiredSignatureError:
            return f"{_REFUSED}1004"
        except jwt.ImmatureSignatureError:
            return f"{_REFUSED}1003"
        except jwt.PyJWTError:
            return f"{_REFUSED}1002"
        return access

    def refuse_key(self, key: str) -> VendorError | None:
        """401 with the code of what is wrong."""
        if not key:
            return error(1001, "Authorization is empty")
        if "bad" in key:
            return error(as_int(key.removeprefix(_REFUSED), 1002), "Authentication failed")
        return None

    def of_status(self, status: int, fault: Fault) -> Answer:
        """Return a bare status with a code; only 502 comes from a proxy as HTML."""
        headers = {} if fault.retry_after is None else {"retry-after": f"{fault.retry_after:g}"}
        if status == 502:
            return Answer(HTML, status, {"content-type": "text/html", **headers}, free=True)
        code = as_int(fault.code, 0) or _CODES.get(status, 5000)
        return Answer.of(shape(code, fault.message or "The call did not succeed."), status, headers)
