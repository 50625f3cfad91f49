"""What a change means for readers and writers, told so that somebody can act upon it.

From the same findings as every verdict: what each level and policy would say, what stands where in
both schemas, what to change, and a message that shows the trouble.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from compat import avro, json_schema, protobuf
from compat.check import DIFFERS, is_same
from compat.finding import Witness
from compat.level import Direction, Level, Policy, reader_and_writer
from compat.schema import SchemaType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from compat.check import Differ
    from compat.finding import Advice, Finding, Spot
    from compat.schema import ParsedSchema

    Verdicts = Mapping[Policy, Mapping[Level, bool]]

# More than a person reads; the rest is counted.
MAX_FINDINGS = 100
MAX_COMPARISONS = 20
# A witness is built and tried with a real library, which costs far more than the finding did.
MAX_WITNESSES = 20
ENOUGH_WITNESSES = f"only the first {MAX_WITNESSES} findings of a comparison are given a witness"


class Change(StrEnum):
    """How large a change is, in the terms of semantic versioning."""

    MAJOR = "MAJOR"  # the level and policy refuse it
    MINOR = "MINOR"  # they take it, and there are differences
    PATCH = "PATCH"  # nothing that a reader or writer could notice


@dataclass(frozen=True, slots=True)
class Side:
    """A place in one of the schemas and the text there."""

    path: str
    fragment: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One difference; harmless when no policy refuses it, and then without advice or witness."""

    direction: Direction
    finding: Finding
    kind: str
    policies: tuple[Policy, ...]
    reader: Side | None
    writer: Side | None
    advice: Advice | None = None
    witness: Witness | None = None
    no_witness: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The candidate and one previous schema; `index` is its place among those given."""

    index: int
    is_same_type: bool
    findings: tuple[Explained, ...]
    omitted: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Verdicts of every level under every policy of the format, and why."""

    verdicts: Verdicts
    change: Change | None  # None: there was nothing before
    comparisons: tuple[Comparison, ...]
    omitted: int  # comparisons with findings beyond those listed

    def accepting(self, *, level: Level, policy: Policy) -> tuple[list[Level], list[Policy]]:
        """Return the levels that accept under the policy, and the policies that do at the level."""
        under_policy = self.verdicts.get(policy, self.verdicts[Policy.STRICT])
        levels = [each for each, accepts in under_policy.items() if accepts]
        policies = [each for each, verdicts in self.verdicts.items() if verdicts[level]]
        return levels, policies


@dataclass(frozen=True, slots=True)
class Explainer:
    """How a format puts its findings into words and messages."""

    advice: Callable[[Finding], Advice]
    shown: Callable[[Any], str]
    # Called with two schemas of its own format only, which a table cannot say to the type checker.
    witness: Callable[..., Witness | str]
    # Whether schemas without findings are the same to whoever reads or writes: a format may have
    # changes that are compatible by definition and so no findings.
    is_same_data: Callable[..., bool] = lambda _new, _old: True
    # Kinds of findings that only people notice.
    notes: AbstractSet[Any] = frozenset()
    # A kind as the REST contract spells it, where two of ours are one of its.
    spelt: Callable[[Any], str] = str


EXPLAINERS: Mapping[SchemaType, Explainer] = {
    SchemaType.AVRO: Explainer(avro.advice, avro.shown, avro.witness),
    SchemaType.JSON: Explainer(
        json_schema.advice,
        json_schema.shown,
        json_schema.witness,
        json_schema.is_same_data,
        json_schema.NOTES,
        json_schema.contract_name,
    ),
    SchemaType.PROTOBUF: Explainer(protobuf.advice, protobuf.shown, protobuf.witness),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Everything found between the candidate and one previous schema, in both directions."""

    index: int
    new: ParsedSchema
    old: ParsedSchema
    found: Mapping[Direction, Sequence[Finding]]

    @property
    def is_same_type(self) -> bool:
        return self.new.type is self.old.type

    @property
    def is_told(self) -> bool:
        return not self.is_same_type or any(self.found.values())

    @property
    def is_noticed(self) -> bool:
        """Tell whether a reader or a writer could notice the change."""
        if not self.is_same_type:
            return True
        explainer = EXPLAINERS[self.new.type]
        found = {finding.kind for findings in self.found.values() for finding in findings}
        return bool(found - explainer.notes) or not explainer.is_same_data(self.new, self.old)

    def is_refused(self, level: Level, policy: Policy) -> bool:
        if not self.is_same_type:
            return bool(level.directions)
        differ = DIFFERS[self.new.type]
        return any(
            finding.kind in differ.refused(policy, way)
            for way in level.directions
            for finding in self.found[way]
        )


def explain(
    *, new: ParsedSchema, previous: Sequence[ParsedSchema], level: Level, policy: Policy
) -> Explanation:
    """Explain a candidate against previous schemas, newest first.

    `level` and `policy` are those in force; they decide how large the change is called. Raises
    TooComplex beyond the step budget of a comparison.
    """
    differ = DIFFERS[new.type]
    pairs = [compared(differ, index, new=new, old=old) for index, old in enumerate(previous)]
    verdicts = judged(differ, pairs)
    told = [pair for pair in pairs if pair.is_told]
    return Explanation(
        verdicts,
        change_of(pairs, accepted=verdicts[known(policy, differ)][level]),
        tuple(told_of(differ, pair) for pair in told[:MAX_COMPARISONS]),
        max(0, len(told) - MAX_COMPARISONS),
    )


def known(policy: Policy, differ: Differ) -> Policy:
    """Return the policy itself, or the one that the format judges by in its place."""
    return policy if policy in differ.breaking else Policy.STRICT


def compared(differ: Differ, index: int, *, new: ParsedSchema, old: ParsedSchema) -> Pair:
    if new.type is not old.type or is_same(new, old):
        return Pair(index, new, old, dict.fromkeys(Direction, ()))
    found: dict[Direction, Sequence[Finding]] = {}
    for direction in Direction:
        reader, writer = reader_and_writer(direction, new=new, old=old)
        found[direction] = differ.differences(reader=reader, writer=writer)
    return Pair(index, new, old, found)


def judged(differ: Differ, pairs: Sequence[Pair]) -> Verdicts:
    return {
        policy: {
            level: not any(
                pair.is_refused(level, policy)
                for pair in (pairs if level.is_transitive else pairs[:1])
            )
            for level in Level
        }
        for policy in differ.breaking
    }


def change_of(pairs: Sequence[Pair], *, accepted: bool) -> Change | None:
    if not pairs:
        return None
    if not accepted:
        return Change.MAJOR
    return Change.MINOR if pairs[0].is_noticed else Change.PATCH


def told_of(differ: Differ, pair: Pair) -> Comparison:
    if not pair.is_same_type:
        return Comparison(pair.index, is_same_type=False, findings=(), omitted=0)
    everything = [(way, finding) for way, found in pair.found.items() for finding in found]
    # What breaks comes first: of the rest, nobody misses what is left out.
    everything.sort(key=lambda each: not refusing(differ, *each))
    return Comparison(
        pair.index,
        is_same_type=True,
        findings=tuple(explained(differ, pair, everything[:MAX_FINDINGS])),
        omitted=max(0, len(everything) - MAX_FINDINGS),
    )


def refusing(differ: Differ, direction: Direction, finding: Finding) -> tuple[Policy, ...]:
    """Return the policies that refuse a finding."""
    return tuple(
        policy for policy in differ.breaking if finding.kind in differ.refused(policy, direction)
    )


def explained(
    differ: Differ, pair: Pair, findings: Sequence[tuple[Direction, Finding]]
) -> Iterator[Explained]:
    explainer = EXPLAINERS[pair.new.type]
    witnesses = 0
    for direction, finding in findings:
        policies = refusing(differ, direction, finding)
        kind = explainer.spelt(finding.kind)
        reader, writer = (side(explainer, spot) for spot in (finding.reader, finding.writer))
        if not policies:
            yield Explained(direction, finding, kind, (), reader, writer)
            continue
        witness: Witness | str = ENOUGH_WITNESSES
        if witnesses < MAX_WITNESSES:
            witnesses += 1
            in_roles = reader_and_writer(direction, new=pair.new, old=pair.old)
            witness = explainer.witness(finding, reader=in_roles[0], writer=in_roles[1])
        yield Explained(
            direction,
            finding,
            kind,
            policies,
            reader,
            writer,
            advice=explainer.advice(finding),
            witness=witness if isinstance(witness, Witness) else None,
            no_witness=witness if isinstance(witness, str) else "",
        )


def side(explainer: Explainer, spot: Spot | None) -> Side | None:
    return None if spot is None else Side(spot.path, explainer.shown(spot.fragment))
