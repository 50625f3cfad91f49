"""/config and /mode, of a subject, a context or everything."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from registry import errors as e
from registry.api import examples
from registry.api.answers import answer
from registry.api.bodies import ConfigUpdateRequest, ModeUpdateRequest
from registry.api.deps import Desk, Flag, InSubject, Served
from registry.api.documented import answers, errors, ref, takes
from registry.api.json_body import read_body
from registry.documents import config_document, without_empty
from registry.names import DEFAULT, Subject

config = APIRouter(tags=["Config"])
mode = APIRouter(tags=["Modes"])

CONFIG_ANSWER = answers(ref("Config"), examples.CONFIG)
CONFIG_UPDATED = answers(ref("ConfigUpdateRequest"), examples.CONFIG_REQUEST)
MODE_ANSWER = answers(ref("ModeUpdateRequest"), examples.MODE)
CONFIG_WRITES = (
    e.InvalidCompatibilityLevel,
    e.InvalidRuleSet,
    e.OperationNotPermitted,
    e.MalformedRequest,
    e.NullBody,
)
MODE_WRITES = (
    e.InvalidMode,
    e.ForwardModeNotGlobal,
    e.OperationNotPermitted,
    e.ReferenceExists,
    e.MalformedRequest,
    e.NullBody,
)


async def _config(desk: Desk, scope: Subject, *, effective: bool) -> Response:
    found = await desk.run(lambda: desk.registry.configs.get(scope, effective=effective))
    return answer(without_empty(config_document(found)))


async def _update_config(desk: Desk, scope: Subject, body: ConfigUpdateRequest) -> Response:
    merged = await desk.run(lambda: desk.registry.configs.update(scope, body.value()))
    return answer(config_document(merged, level_key="compatibility"))


async def _delete_config(desk: Desk, scope: Subject) -> Response:
    old = await desk.run(lambda: desk.registry.configs.delete(scope))
    return answer(without_empty(config_document(old)))


@config.get("/config", summary="Get the default context's config", responses=CONFIG_ANSWER)
async def get_config(desk: Served, defaultToGlobal: Flag = False) -> Response:
    """The settings that hold where a subject has none of its own."""
    return await _config(desk, DEFAULT, effective=defaultToGlobal)


@config.put(
    "/config",
    summary="Change the default context's config",
    openapi_extra=takes(ConfigUpdateRequest, examples.CONFIG_REQUEST),
    responses={**CONFIG_UPDATED, **errors(*CONFIG_WRITES)},
)
async def put_config(request: Request, desk: Served) -> Response:
    """Absent settings are kept, nulls are cleared."""
    body = await read_body(request, ConfigUpdateRequest, null_name="updateTopLevelConfig.arg1")
    return await _update_config(desk, DEFAULT, body)


@config.delete(
    "/config",
    summary="Forget the default context's config",
    responses={**CONFIG_ANSWER, **errors(e.OperationNotPermitted)},
)
async def delete_config(desk: Served) -> Response:
    """What held before."""
    return await _delete_config(desk, DEFAULT)


@config.get(
    "/config/{subject}",
    summary="Get a subject's config",
    responses={**CONFIG_ANSWER, **errors(e.SubjectLevelConfigNotFound)},
)
async def get_subject_config(
    desk: Served,
    subject: InSubject,
    defaultToGlobal: Flag = False,
) -> Response:
    """The subject's own settings, or with `defaultToGlobal` those that hold for it."""
    return await _config(desk, subject, effective=defaultToGlobal)


@config.put(
    "/config/{subject}",
    summary="Change a subject's config",
    openapi_extra=takes(ConfigUpdateRequest, examples.CONFIG_REQUEST),
    responses={**CONFIG_UPDATED, **errors(*CONFIG_WRITES, e.InvalidSubject, e.SubjectTooLong)},
)
async def put_subject_config(request: Request, desk: Served, subject: InSubject) -> Response:
    """Absent settings are kept, nulls are cleared; the subject need not exist."""
    body = await read_body(request, ConfigUpdateRequest, null_name="updateSubjectLevelConfig.arg2")
    return await _update_config(desk, subject, body)


@config.delete(
    "/config/{subject}",
    summary="Forget a subject's config",
    responses={
        **CONFIG_ANSWER,
        **errors(e.SubjectNotFound, e.OperationNotPermitted),
    },
)
async def delete_subject_config(desk: Served, subject: InSubject) -> Response:
    """What was set."""
    return await _delete_config(desk, subject)


async def _mode(desk: Desk, scope: Subject, *, effective: bool) -> Response:
    found = await desk.run(lambda: desk.registry.modes.get(scope, effective=effective))
    return answer({"mode": found.value})


async def _update_mode(
    desk: Desk, scope: Subject, body: ModeUpdateRequest, *, force: bool
) -> Response:
    if "mode" not in body.model_fields_set:
        raise e.InvalidMode
    await desk.run(lambda: desk.registry.modes.update(scope, body.mode, force=force))
    return answer({} if body.mode is None else {"mode": body.mode})


async def _delete_mode(desk: Desk, scope: Subject, *, recursive: bool) -> Response:
    old = await desk.run(lambda: desk.registry.modes.delete(scope, recursive=recursive))
    return answer({} if old is None else {"mode": old.value})


@mode.get("/mode", summary="Get the default context's mode", responses=MODE_ANSWER)
async def get_mode(desk: Served, defaultToGlobal: Flag = False) -> Response:
    """The mode that holds where a subject has none of its own."""
    return await _mode(desk, DEFAULT, effective=defaultToGlobal)


@mode.put(
    "/mode",
    summary="Set the default context's mode",
    openapi_extra=takes(ModeUpdateRequest, examples.MODE),
    responses={**MODE_ANSWER, **errors(*MODE_WRITES)},
)
async def put_mode(request: Request, desk: Served, force: Flag = False) -> Response:
    """IMPORT wants an empty context unless forced."""
    body = await read_body(request, ModeUpdateRequest, null_name="updateTopLevelMode.arg1")
    return await _update_mode(desk, DEFAULT, body, force=force)


@mode.delete(
    "/mode",
    summary="Forget the default context's mode",
    responses={**MODE_ANSWER, **errors(e.OperationNotPermitted)},
)
async def delete_mode(desk: Served, recursive: Flag = False) -> Response:
    """What held before; `recursive` forgets those of the subjects too."""
    return await _delete_mode(desk, DEFAULT, recursive=recursive)


@mode.get(
    "/mode/{subject}",
    summary="Get a subject's mode",
    responses={**MODE_ANSWER, **errors(e.SubjectLevelModeNotFound)},
)
async def get_subject_mode(
    desk: Served,
    subject: InSubject,
    defaultToGlobal: Flag = False,
) -> Response:
    """The subject's own mode, or with `defaultToGlobal` the one that holds for it."""
    return await _mode(desk, subject, effective=defaultToGlobal)


@mode.put(
    "/mode/{subject}",
    summary="Set a subject's mode",
    openapi_extra=takes(ModeUpdateRequest, examples.MODE),
    responses={**MODE_ANSWER, **errors(*MODE_WRITES, e.InvalidSubject, e.SubjectTooLong)},
)
async def put_subject_mode(
    request: Request, desk: Served, subject: InSubject, force: Flag = False
) -> Response:
    """IMPORT wants an empty subject unless forced."""
    body = await read_body(request, ModeUpdateRequest, null_name="updateMode.arg2")
    return await _update_mode(desk, subject, body, force=force)


@mode.delete(
    "/mode/{subject}",
    summary="Forget a subject's mode",
    responses={
        **MODE_ANSWER,
        **errors(e.SubjectNotFound, e.OperationNotPermitted),
    },
)
async def delete_subject_mode(
    desk: Served, subject: InSubject, recursive: Flag = False
) -> Response:
    """What was set; `recursive` on a context forgets those of its subjects too."""
    return await _delete_mode(desk, subject, recursive=recursive)
