"""The request bodies of Accord's own questions about compatibility."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator

from compat.level import Level, Policy
from registry.api.bodies import Flag, RegisterSchemaRequest, Text  # noqa: TC001  pydantic reads them
from registry.api.json_body import Body, as_list
from registry.errors import InvalidCompatibilityLevel, InvalidQuestion
from registry.names import DEFAULT_CONTEXT, Subject, parse_subject
from registry.service.explanation import Wish
from registry.service.numbers import parse_version

if TYPE_CHECKING:
    from registry.service.parsing import Draft

ALL = "all"


class ExplainRequest(Body):
    """A candidate, and what to compare it with: versions of a subject, or schemas sent along.

    `version` is a number, `latest` or `all`; `schemas` are newest first.
    """

    candidate: RegisterSchemaRequest | None = None
    subject: Text = None
    version: Text = None
    schemas: Annotated[list[RegisterSchemaRequest] | None, BeforeValidator(as_list)] = None
    level: Text = None
    policy: Text = None
    normalize: Flag = None

    @property
    def has_subject(self) -> bool:
        """Tell which of the two it is; raises InvalidQuestion unless it is one of them."""
        if (self.subject is None) == (self.schemas is None):
            raise InvalidQuestion("Give either 'subject' or 'schemas' to compare with")
        return self.subject is not None

    def draft(self) -> Draft:
        """Return the candidate; raises InvalidQuestion without one."""
        return drafted(self.candidate, self.subject)

    def number(self) -> int | None:
        """Return the version to compare with, None for all; raises InvalidVersion."""
        if self.version is None or self.version == ALL:
            return None
        return parse_version(self.version)

    def others(self) -> list[Draft]:
        return [drafted(each, self.subject) for each in self.schemas or ()]

    def wish(self) -> Wish:
        """Return the level and policy; raises InvalidCompatibilityLevel, InvalidQuestion."""
        level = policy = None
        if self.level is not None:
            if self.level.upper() not in set(Level):
                raise InvalidCompatibilityLevel
            level = Level(self.level.upper())
        if self.policy is not None:
            if self.policy.upper() not in set(Policy):
                raise InvalidQuestion(f"Unknown compatibility policy '{self.policy}'")
            policy = Policy(self.policy.upper())
        return Wish(level, policy)


class ImpactRequest(Body):
    """A candidate for a subject's next version."""

    candidate: RegisterSchemaRequest | None = None
    subject: Text = None

    def draft(self) -> Draft:
        """Return the candidate; raises InvalidQuestion when a part is missing."""
        if self.subject is None:
            raise InvalidQuestion("'subject' is missing")
        return drafted(self.candidate, self.subject)


def drafted(candidate: RegisterSchemaRequest | None, subject: str | None) -> Draft:
    if candidate is None:
        raise InvalidQuestion("'candidate' is missing")
    place = Subject(DEFAULT_CONTEXT, "") if subject is None else parse_subject(subject)
    return candidate.draft(place)
