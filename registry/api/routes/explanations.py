"""/accord/v1/compatibility: what Confluent's registry does not answer."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from registry import errors as e
from registry.api import examples
from registry.api.answers import answer
from registry.api.deps import Served
from registry.api.documented import answers, errors, ref, takes
from registry.api.explanation_answers import explanation_document, impact_document
from registry.api.explanation_bodies import ExplainRequest, ImpactRequest
from registry.api.json_body import read_body

router = APIRouter(prefix="/accord/v1/compatibility", tags=["Explanations"])


@router.post(
    "/explain",
    summary="Explain what a schema would break",
    openapi_extra=takes(ExplainRequest, examples.EXPLAIN_REQUEST),
    responses={
        **answers(ref("Explanation"), examples.EXPLANATION),
        **errors(
            e.VersionNotFound,
            e.InvalidVersion,
            e.InvalidSchemaText,
            e.InvalidCompatibilityLevel,
            e.InvalidQuestion,
            e.MalformedRequest,
            e.NullBody,
        ),
    },
)
async def explain(request: Request, desk: Served) -> Response:
    """The verdicts of all levels and policies, and every difference with what to do about it."""
    body = await read_body(request, ExplainRequest, null_name="explain")
    draft, wish, normalize = body.draft(), body.wish(), bool(body.normalize)
    explanations = desk.registry.explanations
    if body.has_subject:
        number = body.number()
        told = await desk.run(
            lambda: explanations.with_subject(draft, number=number, normalize=normalize, wish=wish)
        )
    else:
        others = body.others()
        told = await desk.run(
            lambda: explanations.with_schemas(draft, others, normalize=normalize, wish=wish)
        )
    return answer(await desk.run(lambda: explanation_document(told)))


@router.post(
    "/impact",
    summary="Tell what else a schema would break",
    openapi_extra=takes(ImpactRequest, examples.IMPACT_REQUEST),
    responses={
        **answers(ref("Impact"), examples.IMPACT),
        **errors(e.InvalidSchemaText, e.InvalidQuestion, e.MalformedRequest, e.NullBody),
    },
)
async def impact(request: Request, desk: Served) -> Response:
    """Every subject that refers to this one, judged as if it moved to the candidate."""
    body = await read_body(request, ImpactRequest, null_name="impact")
    draft = body.draft()
    found = await desk.run(lambda: desk.registry.impacts.of(draft))
    return answer(impact_document(found))
