"""What a shipped predictor learns: endpoints of public data sets, which are checked for what would teach it wrong."""

from dataclasses import dataclass, replace

import click
from rdkit import Chem

from molgen.chem.metals import active_metals
from molgen.chem.molecules import parse
from molgen.chem.salts import has_carbon
from molgen.config import compose_group
from molgen.data.catalog import PublicSet
from molgen.data.curation import curate
from molgen.data.dataset import Dataset, Endpoint


@dataclass(frozen=True)
class Wanted:
    """Endpoints of one data set.

    Attributes
    ----------
    data
        The name of the data set.
    endpoints
        What is read of it, and nothing else.
    shift
        What is added to the values there.
    organic
        Whether compounds without carbon and those with `active_metals` are left out: what these do is no property of the parent
        that their salts are reduced to.
    """

    data: str
    endpoints: tuple[Endpoint, ...]
    shift: float = 0.0
    organic: bool = False

    @property
    def source(self) -> PublicSet:
        """The data set, of which only these endpoints are read."""
        found: PublicSet = compose_group("data", self.data)
        return replace(found, labels=self.endpoints)

    def read(self) -> tuple[Dataset, dict[str, int]]:
        """Molecules and values in the endpoints' units, and how many rows became of which fate."""
        table, source = self.source.table(), self.source
        rows = len(table)
        if self.organic:
            table = table[[is_organic(text) for text in table["smiles"].fillna("").astype(str)]]
        known, report = curate(table, source)
        known.labels[:] += self.shift
        found = {"rows": rows, "inorganic": rows - len(table), "unreadable": report.unparsable, "merged": report.duplicates}
        found |= {"contradicted": report.conflicting, "molecules": len(known)}
        click.echo(f"{self.data}: {', '.join(f'{count:,} {name}' for name, count in found.items())}")
        return known, found


def is_organic(smiles: str) -> bool:
    """Whether a molecule has carbon, and no metal but those of harmless salts; True for what can't be read."""
    mol: Chem.Mol | None = parse(smiles)[0]
    if mol is None:
        return True
    return has_carbon(mol) and not active_metals(mol)
