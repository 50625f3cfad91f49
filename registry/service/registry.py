"""The service as a whole: every use case, wired to one store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from registry.service.associations import Associations
from registry.service.catalog import Catalog
from registry.service.compatibility import Compatibility, Judge
from registry.service.config import Configs
from registry.service.contexts import Contexts
from registry.service.deletion import Deletions
from registry.service.explanation import Explanations
from registry.service.impact import Impacts
from registry.service.listing import Listing
from registry.service.lookup import Lookups
from registry.service.mode import Modes
from registry.service.parsing import SchemaReader
from registry.service.register import Registrations
from registry.service.tags import Tagging

if TYPE_CHECKING:
    from registry.service.options import Options
    from registry.storage.port import Store


@dataclass(frozen=True, slots=True)
class Registry:
    """The use cases, by family."""

    options: Options
    registrations: Registrations
    lookups: Lookups
    catalog: Catalog
    listing: Listing
    deletions: Deletions
    compatibility: Compatibility
    explanations: Explanations
    impacts: Impacts
    configs: Configs
    modes: Modes
    contexts: Contexts
    tagging: Tagging
    associations: Associations


def open_registry(store: Store, options: Options) -> Registry:
    """Wire the use cases to a store."""
    schemas = SchemaReader(options)
    judge = Judge(schemas)
    registrations = Registrations(store, options, schemas, judge)
    return Registry(
        options=options,
        registrations=registrations,
        lookups=Lookups(store, options, schemas),
        catalog=Catalog(store, options, schemas),
        listing=Listing(store),
        deletions=Deletions(store),
        compatibility=Compatibility(store, options, schemas, judge),
        explanations=Explanations(store, options, schemas),
        impacts=Impacts(store, options, schemas),
        configs=Configs(store, options),
        modes=Modes(store, options),
        contexts=Contexts(store),
        tagging=Tagging(store, registrations),
        associations=Associations(store, registrations),
    )
