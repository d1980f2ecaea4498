"""The one error form: HTTP status, stable code, human sentence, field errors; as JSON or as a page."""

from collections.abc import Mapping
from typing import Any

import structlog
from flask import Flask, Response, current_app, jsonify, render_template, request
from flask_babel import lazy_gettext
from flask_wtf.csrf import CSRFError
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from shared.database import DatabaseUnavailable
from shared.refusal import Refusal
from shared.web.pages import FORM_BYTES
from shared.web.security import is_api

log = structlog.get_logger(__name__)

SENTENCES = {
    "bad_request": lazy_gettext("요청을 읽을 수 없습니다. 다시 시도해 주세요."),
    "cross_origin": lazy_gettext("다른 사이트에서 보낸 요청은 받지 않습니다. 마을마루 화면에서 다시 시도해 주세요."),
    "csrf_failed": lazy_gettext(
        "화면을 연 지 오래되어 안전을 확인할 수 없습니다. 입력한 내용을 확인하고 다시 보내 주세요."
    ),
    "form_too_large": lazy_gettext("보낸 내용이 너무 큽니다. 줄여서 다시 보내 주세요."),
    "upload_too_large": lazy_gettext(
        "한 번에 보낼 수 있는 크기(%(upload_limit)sMB)를 넘었습니다. 파일을 줄이거나 나누어 보내 주세요."
    ),
    "internal_error": lazy_gettext("처리하지 못했습니다. 잠시 뒤 다시 시도하고, 계속되면 운영자에게 알려 주세요."),
    "invalid_input": lazy_gettext("입력한 내용을 확인해 주세요."),
    "json_only": lazy_gettext("JSON(Content-Type: application/json)으로 보내 주세요."),
    "method_not_allowed": lazy_gettext("이 주소에서는 할 수 없는 요청입니다."),
    "not_allowed": lazy_gettext("이 일을 할 권한이 없습니다. 권한이 있는 계정으로 로그인해 주세요."),
    "not_found": lazy_gettext("찾는 화면이 없습니다. 주소를 확인하거나 지도에서 다시 찾아 주세요."),
    "sign_in_required": lazy_gettext("로그인이 필요합니다."),
    "unavailable": lazy_gettext("지금은 서비스를 쓸 수 없습니다. 잠시 뒤 다시 시도해 주세요."),
}
_REQUIRED = lazy_gettext("꼭 입력해 주세요.")
_NO_NUMBER = lazy_gettext("숫자로 입력해 주세요.")
_NO_TEXT = lazy_gettext("글자로 입력해 주세요.")
_NO_DATE = lazy_gettext("날짜와 시간을 바르게 입력해 주세요.")
FIELD_SENTENCES = {
    "Missing data for required field.": _REQUIRED,
    "Field may not be null.": _REQUIRED,
    "Not a valid string.": _NO_TEXT,
    "Not a valid utf-8 string.": _NO_TEXT,
    "Not a valid number.": _NO_NUMBER,
    "Not a valid integer.": _NO_NUMBER,
    "Number too large.": _NO_NUMBER,
    "Not a valid date.": _NO_DATE,
    "Not a valid time.": _NO_DATE,
    "Not a valid datetime.": _NO_DATE,
    "Not a valid aware datetime.": _NO_DATE,
    "Unknown field.": lazy_gettext("모르는 항목입니다. 빼고 다시 보내 주세요."),
    "Not a valid boolean.": lazy_gettext("예 또는 아니요로 답해 주세요."),
}
"""Marshmallow's own messages in our words: taken from what it said, because a field keeps the text it was made with."""
_CODES = {
    400: "bad_request",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "form_too_large",
    415: "json_only",
    422: "invalid_input",
    503: "unavailable",
}


def sentence(code: str, params: Mapping[str, object] | None = None) -> str:
    """The sentence for a code in the reader's language; the code itself where no sentence is kept."""
    kept = current_app.extensions.get("maru.sentences", {}).get(code) or SENTENCES.get(code)
    text = str(kept) if kept is not None else code
    return text % params if params else text


def field_sentences(refusal: Refusal) -> dict[str, list[str]]:
    """What is wrong with each field, as sentences to show beside it."""
    return {name: [sentence(code, refusal.params) for code in codes] for name, codes in refusal.fields.items()}


def said(refusal: Refusal | None) -> dict[str, Any]:
    """What a form that was refused is rendered with: `errors` beside its fields, and `message` above it."""
    if refusal is None:
        return {"errors": {}, "message": None}
    return {"errors": field_sentences(refusal), "message": sentence(refusal.code, refusal.params)}


def refusal_of_validation(error: ValidationError) -> Refusal:
    """A marshmallow error as a refusal; its messages are sentences already."""
    return Refusal("invalid_input", 422, fields=flat_messages(error.normalized_messages()))


def flat_messages(messages: Any, prefix: str = "") -> dict[str, list[str]]:
    """{"units": {0: {"name": ["…"]}}} becomes {"units.0.name": ["…"]}; a schema's own errors stand under "form"."""
    if not isinstance(messages, Mapping):
        texts = messages if isinstance(messages, list | tuple) else [messages]  # a lazy text is no list of texts
        return {prefix or "form": [str(FIELD_SENTENCES.get(str(text), text)) for text in texts]}
    flat: dict[str, list[str]] = {}
    for key, value in messages.items():
        name = "" if key == "_schema" else str(key)
        flat.update(flat_messages(value, ".".join(part for part in (prefix, name) if part)))
    return flat


def answer(refusal: Refusal) -> tuple[Response | str, int]:
    """A refusal as the one form: JSON for the API, a page for people."""
    message = sentence(refusal.code, refusal.params)
    if is_api():
        form = {
            "status": refusal.status,
            "code": refusal.code,
            "message": message,
            "fields": field_sentences(refusal),
        }
        return jsonify(form), refusal.status
    return render_template(
        "maru/error.html",
        code=refusal.status,
        reason=refusal.code,
        message=message,
        fields=field_sentences(refusal),
        resume=_typed(),
    ), refusal.status


def _typed() -> list[tuple[str, str]]:
    """What was typed into the refused form, so that the page can offer it again and nothing is lost."""
    if request.method != "POST" or is_api():
        return []
    secret = ("csrf_token", "password")
    try:
        return [(name, value) for name, value in request.form.items(multi=True) if name not in secret]
    except RequestEntityTooLarge:
        return []  # the very reason why nobody could read the form


def refusal_of_http(error: HTTPException) -> Refusal:
    """Flask's, webargs' and CSRF's own errors as refusals."""
    if isinstance(error, CSRFError):
        return Refusal("csrf_failed", 400)
    status = error.code or 500
    data = getattr(error, "data", None)
    if status in (400, 422) and isinstance(data, Mapping) and "messages" in data:
        located = data["messages"]
        found: dict[str, list[str]] = {}
        for messages in located.values() if isinstance(located, Mapping) else ():
            found.update(flat_messages(messages))
        return Refusal("invalid_input", status, fields=found)
    limit = request.max_content_length or 0
    if status == 413 and limit > FORM_BYTES:  # the page takes files
        return Refusal("upload_too_large", 413, upload_limit=limit // (1024 * 1024))
    return Refusal(_CODES.get(status, "internal_error" if status >= 500 else "bad_request"), status)


def handle_errors(app: Flask, sentences: Mapping[str, Any]) -> None:
    """Answer every error of the application in the one form."""
    app.extensions["maru.sentences"] = sentences

    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> Any:
        if error.code == "sign_in_required" and not is_api():
            return render_template(
                "maru/sign_in_needed.html", target=_here(), resume=_typed(), message=sentence(error.code)
            ), 401
        return answer(error)

    @app.errorhandler(ValidationError)
    def invalid(error: ValidationError) -> Any:
        return answer(refusal_of_validation(error))

    @app.errorhandler(DatabaseUnavailable)
    def no_database(error: DatabaseUnavailable) -> Any:
        log.error("database unavailable", reason=str(error))
        return answer(Refusal("unavailable", 503))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Any:
        if error.code is not None and error.code < 400:
            return error
        return answer(refusal_of_http(error))

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Any:
        log.exception("unexpected error", endpoint=request.endpoint)
        if app.testing:
            raise error
        return answer(Refusal("internal_error", 500))


def _here() -> str:
    """The address of this request as the gateway sees it, to come back to after signing in."""
    query = request.query_string.decode()
    path = request.script_root + request.path
    return f"{path}?{query}" if query else path
