"""Every error the service can answer with, and no other.

Each class holds its HTTP status and `error_code`; its message is made from the data given to it.
Texts are Confluent 8.3's, letter for letter, because clients and their tests match on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence


class RegistryError(Exception):
    """Base of all expected failures; anything else is a bug and a 500."""

    status: ClassVar[int]
    code: ClassVar[int]
    template: ClassVar[str] = "{0}"

    def __init__(self, *parts: object) -> None:
        super().__init__(*parts)
        self.parts = parts

    @property
    def message(self) -> str:
        return self.template.format(*self.parts)

    def __str__(self) -> str:
        return self.message


# 404


class SubjectNotFound(RegistryError):
    status, code = 404, 40401
    template = "Subject '{0}' not found."


class VersionNotFound(RegistryError):
    """Part: the number asked for, -1 for the latest."""

    status, code = 404, 40402
    template = "Version {0} not found."


class SchemaNotFound(RegistryError):
    status, code = 404, 40403

    @property
    def message(self) -> str:
        return f"Schema {self.parts[0]} not found" if self.parts else "Schema not found"


class SubjectSoftDeleted(RegistryError):
    status, code = 404, 40404
    template = "Subject '{0}' was soft deleted.Set permanent=true to delete permanently"


class SubjectNotSoftDeleted(RegistryError):
    status, code = 404, 40405
    template = "Subject '{0}' was not deleted first before being permanently deleted"


class VersionSoftDeleted(RegistryError):
    status, code = 404, 40406
    template = "Subject '{0}' Version {1} was soft deleted.Set permanent=true to delete permanently"


class VersionNotSoftDeleted(RegistryError):
    status, code = 404, 40407
    template = "Subject '{0}' Version {1} was not deleted first before being permanently deleted"


class SubjectLevelConfigNotFound(RegistryError):
    status, code = 404, 40408
    template = "Subject '{0}' does not have subject-level compatibility configured"


class SubjectLevelModeNotFound(RegistryError):
    status, code = 404, 40409
    template = "Subject '{0}' does not have subject-level mode configured"


class AssociationNotFound(RegistryError):
    status, code = 404, 40410
    template = "Association for '{0}' not found."


# 409


class IncompatibleSchema(RegistryError):
    """Parts: the subject, and the messages that say what is wrong."""

    status, code = 409, 40901

    def __init__(self, subject: str, messages: Sequence[str]) -> None:
        super().__init__(subject, tuple(messages))
        self.messages = tuple(messages)

    @property
    def message(self) -> str:
        return (
            "Schema being registered is incompatible with an earlier schema for subject "
            f'"{self.parts[0]}", details: [{", ".join(self.messages)}]'
        )


class AssociationForResourceExists(RegistryError):
    """Parts: the association type, the resource."""

    status, code = 409, 40903
    template = "An association of type '{0}' already exists for resource '{1}'"


class AssociationForSubjectExists(RegistryError):
    status, code = 409, 40904
    template = "An association already exists for subject '{0}'"


class StrongAssociationForSubjectExists(RegistryError):
    status, code = 409, 40905
    template = "A strong association already exists for subject '{0}'"


class NoActiveVersion(RegistryError):
    status, code = 409, 40907
    template = "No active (non-deleted) version exists for subject '{0}'"


class AssociationFrozen(RegistryError):
    """Parts: the association type, the subject."""

    status, code = 409, 40908
    template = "The association of type  '{0}' is frozen for subject '{1}'"


# 422


class InvalidSchemaText(RegistryError):
    """Part: the whole text, as the contract lays it out for each case."""

    status, code = 422, 42201


class InvalidVersion(RegistryError):
    status, code = 422, 42202
    template = (
        "The specified version '{0}' is not a valid version id. "
        'Allowed values are between [1, 2^31-1] and the string "latest"'
    )


class InvalidCompatibilityLevel(RegistryError):
    status, code = 422, 42203
    template = (
        "Invalid compatibility level. Valid values are none, backward, forward, full, "
        "backward_transitive, forward_transitive, and full_transitive"
    )


class InvalidMode(RegistryError):
    status, code = 422, 42204
    template = "Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD."


class ForwardModeNotGlobal(RegistryError):
    status, code = 422, 42204
    template = "Forward mode only supported on global level"


class OperationNotPermitted(RegistryError):
    """Part: one of the texts that the service gives for this code."""

    status, code = 422, 42205


class ReferenceExists(RegistryError):
    """Part: what is referred to: `{magic=1,keytype=SCHEMA,subject=S,version=N}` or a subject."""

    status, code = 422, 42206
    template = "One or more references exist to the schema {0}."


class InvalidSubject(RegistryError):
    status, code = 422, 42208
    template = "The specified subject '{0}' is not a valid."


class SubjectTooLong(RegistryError):
    """Part: the limit in bytes."""

    status, code = 422, 42208
    template = "The specified subject is longer than {0} bytes."


class SchemaTooLarge(RegistryError):
    status, code = 422, 42209
    template = "Register operation failed because schema is too large"


class InvalidRuleSet(RegistryError):
    status, code = 422, 42210


class ContextNotEmpty(RegistryError):
    status, code = 422, 42211
    template = "The specified context '{0}' is not empty."


class InvalidAssociation(RegistryError):
    """Parts: the property, what is wrong with it."""

    status, code = 422, 42212
    template = "The association specified an invalid value for property: '{0}', detail: {1}"


class InvalidQuestion(RegistryError):
    """A request of Accord's own routes that does not say what it asks about."""

    status, code = 422, 42290


class NullBody(RegistryError):
    """Part: the Java method and argument that Confluent names, as in `register.arg6`."""

    status, code = 422, 422
    template = "{0} must not be null (was null)"


# the frame around every request


class MalformedRequest(RegistryError):
    """Part: what could not be read, in the words of Confluent's JSON reader."""

    status, code = 400, 400


class RouteNotFound(RegistryError):
    status, code = 404, 404
    template = "HTTP 404 Not Found"


class MethodNotAllowed(RegistryError):
    status, code = 405, 405
    template = "HTTP 405 Method Not Allowed"


class NotAcceptable(RegistryError):
    status, code = 406, 406
    template = "HTTP 406 Not Acceptable"


class RequestTimedOut(RegistryError):
    """The client took too long to send its body."""

    status, code = 408, 408
    template = "HTTP 408 Request Timeout"


class BodyTooLarge(RegistryError):
    """Part: the limit in bytes."""

    status, code = 413, 413
    template = "Request body is larger than the limit of {0} bytes"


class UnsupportedMediaType(RegistryError):
    status, code = 415, 415
    template = "HTTP 415 Unsupported Media Type"


# 500


class StorageUnavailable(RegistryError):
    """Part: what the service was doing when the database failed."""

    status, code = 500, 50001


class InternalFailure(RegistryError):
    status, code = 500, 500


# 503


class NotReady(RegistryError):
    """Part: what the node is waiting for."""

    status, code = 503, 503
    template = "Service not ready: {0}"
