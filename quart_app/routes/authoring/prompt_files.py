"""/api/prompts: the prompts of the server's folder, for authors: read, checked, shown, saved."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from quart import Blueprint, Response, ResponseReturnValue, request
from quart_rate_limiter import rate_limit
from werkzeug.exceptions import RequestEntityTooLarge

from chains.errors import ScholiastError, ServiceUnavailable, SettingError, StoreError
from chains.prompts.findings import BadPrompt, Finding
from chains.prompts.purposes import ANSWERING, purpose_of
from quart_app.chat.inbound import Refused, question
from quart_app.routes.authoring.admission import LOOKS, STARTS, refusal_of_token
from quart_app.routes.authoring.bodies import BadBody, Draft, PreviewWanted, Saving, decode
from quart_app.routes.current import reason_of, services
from quart_app.workbench.prompt_folder import HasErrors, NotSaved, PromptFolder, SavedMeanwhile
from quart_app.workbench.rendered_prompt import Rendered, counted, from_book, from_examples

prompt_files = Blueprint("prompt_files", __name__, url_prefix="/api/prompts")


@prompt_files.before_request
async def let_in() -> ResponseReturnValue | None:
    """Refuse who has no token; runs behind the limit of each route."""
    return refusal_of_token()


@prompt_files.get("")
@rate_limit(limits=[LOOKS])
async def every() -> ResponseReturnValue:
    """The prompts of the folder, and whether the model in use heeds them."""
    folder = _folder()
    listed = await asyncio.to_thread(folder.prompts)
    model = services().model
    return {
        "folder": str(folder.folder),
        "model": {"name": model.name, "heeds_prompts": model.kind != "quotes"},
        "prompts": [asdict(one) for one in listed],
    }


@prompt_files.get("/<string(maxlength=100):name>")
@rate_limit(limits=[LOOKS])
async def one(name: str) -> ResponseReturnValue:
    """A prompt as its file stands."""
    return asdict(await asyncio.to_thread(_folder().read, name))


@prompt_files.post("/<string(maxlength=100):name>/check")
@rate_limit(limits=[LOOKS])
async def check(name: str) -> ResponseReturnValue:
    """What is to be said of a draft; nothing is written."""
    draft = decode(await request.get_data() or b"{}", Draft)
    prompt, findings = await asyncio.to_thread(_folder().check, name, draft.text)
    version = None if prompt is None else prompt.version
    return {"version": version, "findings": list(map(_finding, findings))}


@prompt_files.post("/<string(maxlength=100):name>/preview")
@rate_limit(limits=[LOOKS])
async def preview(name: str) -> ResponseReturnValue:
    """The messages that a draft would send: for a question, or with its examples."""
    wanted = decode(await request.get_data() or b"{}", PreviewWanted)
    prompt = await asyncio.to_thread(_folder().load, name, wanted.text)
    if wanted.question is None or purpose_of(name) is not ANSWERING:
        rendered = await counted(from_examples(prompt), services().model)
    else:
        rendered = await from_book(services().answers.tutor, prompt, question(wanted.asked))
    return _shown(rendered) | {"name": prompt.name, "version": prompt.version}


@prompt_files.put("/<string(maxlength=100):name>")
@rate_limit(limits=[STARTS])
async def save(name: str) -> ResponseReturnValue:
    """Write a draft, where its file is as it was read and the draft can be used."""
    saving = decode(await request.get_data(), Saving)
    return asdict(await _folder().save(name, saving.text, saving.file_version))


@prompt_files.errorhandler(BadBody)
async def malformed(error: BadBody) -> ResponseReturnValue:
    """What is wrong with it."""
    return {"error": str(error)}, 422


@prompt_files.errorhandler(RequestEntityTooLarge)
async def too_long(_: RequestEntityTooLarge) -> ResponseReturnValue:
    """Bodies have a bound, see `quart_app.LONGEST_BODY`."""
    return {
        "error": "The text is longer than the 64 KB that can be sent; edit the file itself."
    }, 413


@prompt_files.errorhandler(Refused)
async def refused(error: Refused) -> ResponseReturnValue:
    """What is wrong with the question."""
    return {"error": error.message}, 422


@prompt_files.errorhandler(ScholiastError)
async def failed(error: ScholiastError) -> ResponseReturnValue:
    """What cannot be done, why, and the fix."""
    said: dict[str, Any] = {"error": str(error)}
    match error:
        case SavedMeanwhile():
            return said | {"newer": asdict(error.newer)}, 409
        case HasErrors():
            return said | {"findings": list(map(_finding, error.findings))}, 422
        case NotSaved():
            return said, 403
        case ServiceUnavailable() | StoreError():
            return {"error": reason_of(error)}, 503, {"Retry-After": "5"}
        case BadPrompt():
            return said | {"findings": [_finding(error.finding)]}, 422
        case SettingError():
            return said, 404
    return said, 422


@prompt_files.after_request
async def keep_nowhere(response: Response) -> Response:
    """It is for who has the token."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _folder() -> PromptFolder:
    folder = services().prompt_folder
    if folder is None:
        raise ServiceUnavailable("server", "it has no folder of prompts")
    return folder


def _finding(finding: Finding) -> dict[str, object]:
    return {**asdict(finding), "file": finding.file.name}


def _shown(rendered: Rendered) -> dict[str, Any]:
    return {
        "messages": [
            {"role": role, "parts": list(map(asdict, parts))} for role, parts in rendered.messages
        ],
        "sizes": rendered.sizes,
        "about_tokens": rendered.about_tokens,
        "cut": rendered.cut,
    }
