"""Explanations and impacts as documents."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response

from compat.level import Direction
from registry.api.frame.exchange import exchange_of
from registry.api.frame.media import NATIVE_JSON

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from compat.explanation import Comparison, Explained, Side
    from registry.api.deps import Desk
    from registry.errors import IncompatibleSchema
    from registry.model import SubjectVersion, Version
    from registry.service.explanation import Told
    from registry.service.impact import Dependent, Impact
    from registry.service.register import Registration

Document = dict[str, Any]


def explanation_document(told: Told) -> Document:
    explanation = told.explanation
    accepting, policies = explanation.accepting(level=told.level, policy=told.policy)
    return {
        "isCompatible": told.level in accepting,
        "level": told.level,
        "policy": told.policy,
        "change": explanation.change,
        "acceptingLevels": accepting,
        "acceptingPolicies": policies,
        "verdicts": {
            policy.value: {level.value: accepts for level, accepts in levels.items()}
            for policy, levels in explanation.verdicts.items()
        },
        "comparisons": [
            comparison_document(each, told.versions) for each in explanation.comparisons
        ],
        "omittedComparisons": explanation.omitted,
    }


def comparison_document(comparison: Comparison, versions: Sequence[SubjectVersion]) -> Document:
    place: Document = {"index": comparison.index}
    if versions:
        place = version_document(versions[comparison.index].row)
    return {
        **place,
        "isSameType": comparison.is_same_type,
        "findings": [finding_document(each) for each in comparison.findings],
        "omittedFindings": comparison.omitted,
    }


def finding_document(explained: Explained) -> Document:
    """Return one finding; what does not apply to it is left out."""
    finding, advice, witness = explained.finding, explained.advice, explained.witness
    new, old = explained.reader, explained.writer
    if explained.direction is Direction.FORWARD:
        new, old = old, new
    document: Document = {
        "direction": explained.direction,
        "kind": explained.kind,
        "path": finding.path,
        "detail": finding.detail,
        "refusedBy": explained.policies,
        "new": side_document(new),
        "old": side_document(old),
        "sentence": advice and advice.sentence,
        "fix": advice and advice.fix,
        "witness": witness
        and {
            "message": witness.message,
            "encoded": b64encode(witness.encoded).decode(),
            "failure": witness.failure,
        },
        "withoutWitness": explained.no_witness,
    }
    return {name: value for name, value in document.items() if value not in (None, "")}


def side_document(side: Side | None) -> Document | None:
    return None if side is None else {"path": side.path, "fragment": side.fragment}


def impact_document(impact: Impact) -> Document:
    return {
        "subject": str(impact.subject),
        "isCompatible": impact.is_compatible,
        "checked": len(impact.dependents),
        "broken": sum(not each.is_compatible for each in impact.dependents),
        "dependents": [dependent_document(each) for each in impact.dependents],
    }


def dependent_document(dependent: Dependent) -> Document:
    return {
        **version_document(dependent.version),
        "through": [version_document(each) for each in dependent.through],
        "level": dependent.level,
        "policy": dependent.policy,
        "isCompatible": dependent.is_compatible,
        "messages": [dependent.error] if dependent.error else list(dependent.messages),
    }


def version_document(row: Version) -> Document:
    return {"subject": str(row.subject), "version": row.version, "id": row.schema_id}


async def explained_refusal(
    request: Request, desk: Desk, registration: Registration, refusal: IncompatibleSchema
) -> Response:
    """Return the refusal of a registration with its explanation, under Accord's own media type."""
    told = await desk.run(
        lambda: desk.registry.explanations.with_subject(
            registration.draft, normalize=registration.normalize
        )
    )
    exchange_of(request.scope).error_code = refusal.code
    document = {
        "error_code": refusal.code,
        "message": refusal.message,
        "explanation": explanation_document(told),
    }
    return Response(orjson.dumps(document), status_code=refusal.status, media_type=NATIVE_JSON)
