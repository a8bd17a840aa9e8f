"""Structural alerts: RDKit's catalogues of substructures that chemists avoid."""

import functools

from rdkit import Chem
from rdkit.Chem.FilterCatalog import FilterCatalog, FilterCatalogParams

from molgen.errors import ConfigError, nearest

CATALOGS = tuple(sorted(FilterCatalogParams.FilterCatalogs.names))


@functools.cache
def catalog(name: str) -> FilterCatalog:
    """RDKit's catalogue `name`: PAINS, BRENK, NIH, ZINC, CHEMBL, ..."""
    if name not in CATALOGS:
        raise ConfigError(f"unknown alert catalogue '{name}'{nearest(name, CATALOGS)}; known: {', '.join(CATALOGS)}")
    return FilterCatalog(FilterCatalogParams(FilterCatalogParams.FilterCatalogs.names[name]))


def alerts(mol: Chem.Mol, name: str) -> list[str]:
    """Descriptions of the alerts of catalogue `name` that `mol` raises."""
    return [entry.GetDescription() for entry in catalog(name).GetMatches(mol)]
