"""What happens without the libraries of the extra `rules`, and what importing them does."""

from __future__ import annotations

import subprocess
import sys

import pytest

BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocked())
"""


def run(code: str) -> str:
    """Run a program of its own, in which warnings are errors."""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="serde")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


RULES = {"celpy", "lark", "jsonata", "google", "fastavro", "confluent_kafka", "orjson"}


def test_the_engine_needs_none_of_them() -> None:
    blocked = BLOCKED.replace("{blocked}", repr(RULES))
    code = (
        "import accord_serde.serde, accord_serde.rule_registry, accord_serde.rules.dlq.dlq_action"
    )
    assert run(f"{blocked}\n{code}; print('good')") == "good"


@pytest.mark.parametrize(
    ("module", "blocked", "text"),
    [
        ("cel.cel_executor", "celpy", "CEL rules need `accord-serde[rules]` (cel-python)"),
        ("cel.cel_field_executor", "celpy", "CEL rules need `accord-serde[rules]` (cel-python)"),
        ("cel.cel_validator", "celpy", "CEL rules need `accord-serde[rules]` (cel-python)"),
        (
            "jsonata.jsonata_executor",
            "jsonata",
            "JSONata rules need `accord-serde[rules]` (jsonata-python)",
        ),
    ],
)
def test_the_error_names_the_extra(module: str, blocked: str, text: str) -> None:
    code = BLOCKED.replace("{blocked}", repr({blocked}))
    code += (
        f"try:\n import accord_serde.rules.{module}\nexcept ImportError as error:\n print(error)"
    )
    assert run(code) == text


def test_the_default_validator_names_it_too() -> None:
    code = BLOCKED.replace("{blocked}", "{'celpy'}")
    code += (
        "from accord_serde.serde import default_validation_rule_executor as make\n"
        "try:\n make()\nexcept ValueError as error:\n print(error)"
    )
    assert run(code) == (
        "validation.rules.execution needs CEL: install `accord-serde[rules]`, "
        "or set validation.rules.executor"
    )


def test_cel_needs_no_protobuf() -> None:
    code = BLOCKED.replace("{blocked}", "{'google'}")
    code += (
        "from accord_serde.rules.cel.cel_validator import CelValidator\n"
        "from accord_serde.serde import ValidationRule\n"
        "print(CelValidator().execute(ValidationRule(expr='this.x == [1]'), None, {'x': [1]}))"
    )
    assert run(code) == "True"


def test_the_recursion_limit_is_never_lowered() -> None:
    code = (
        "import sys\n"
        "sys.setrecursionlimit(20_000)\n"
        "from accord_serde.rules.jsonata.jsonata_executor import JsonataExecutor\n"
        "from accord_serde.rules.cel.cel_executor import CelExecutor\n"
        "JsonataExecutor.register(); CelExecutor.register()\n"
        "print(sys.getrecursionlimit())"
    )
    assert run(code) == "20000"


def test_registering_adds_to_the_shared_registry() -> None:
    code = (
        "from accord_serde.rule_registry import RuleRegistry\n"
        "from accord_serde.rules.jsonata.jsonata_executor import JsonataExecutor\n"
        "from accord_serde.rules.cel.cel_executor import CelExecutor\n"
        "from accord_serde.rules.cel.cel_field_executor import CelFieldExecutor\n"
        "for each in (JsonataExecutor, CelExecutor, CelFieldExecutor): each.register()\n"
        "print(sorted(each.type() for each in RuleRegistry.get_global_instance().get_executors()))"
    )
    assert run(code) == "['CEL', 'CEL_FIELD', 'JSONATA']"
