"""A small search with a surrogate, for tests."""

import gzip
from pathlib import Path

from rdkit import Chem

from molgen import Scorer
from molgen.config import compose_group
from molgen.search.bayesian.library import SHIPPED
from molgen.search.bayesian.pool import CandidatePool
from molgen.search.bayesian.strategy import Surrogate

BLOCKS = """\
OC(=O)c1ccccc1
OC(=O)c1ccc(F)cc1
OC(=O)c1cccnc1
OC(=O)C1CC1
OC(=O)Cc1ccccc1
OC(=O)c1ccc(Br)cc1
OC(=O)CCl
CC(C)(C)OC(=O)N1CCC(C(=O)O)CC1
NCc1ccccc1
NCc1ccc(Cl)cc1
NCCc1ccncc1
C1COCCN1
C1CCNCC1
CN1CCNCC1
CC(C)(C)OC(=O)N1CCNCC1
NC1CCCCC1
NC1CC1
CC(C)N
Nc1ccccc1
Nc1ccc(F)cc1
Nc1cccnc1
Nc1ccc(Br)cc1
Brc1ccccc1
Brc1ccncc1
Brc1ccc2ncccc2c1
COc1ccc(Br)cc1
Clc1ccnc(Cl)n1
Clc1ncccn1
OB(O)c1ccccc1
OB(O)c1ccc(F)cc1
OB(O)c1ccncc1
OB(O)c1cn(C)nc1
COc1ccc(B(O)O)cc1
O=Cc1ccccc1
O=Cc1ccc(F)cc1
O=Cc1ccncc1
O=C1CCCCC1
O=C1CCOCC1
CC(C)=O
CS(=O)(=O)Cl
O=S(=O)(Cl)c1ccccc1
Cc1ccc(S(=O)(=O)Cl)cc1
BrCc1ccccc1
BrCC1CC1
CI
CCBr
Oc1ccccc1
Oc1ccc(F)cc1
Oc1cccnc1
OCc1ccccc1
OCC1CCCO1
O=C=Nc1ccccc1
CC(C)N=C=O
C#Cc1ccccc1
C#CCO
N#Cc1ccccc1
NNc1ccccc1
CC(=O)CC(C)=O
NO
c1cc[nH]c1
"""  # a stock that is indexed in a second
SMALL = [
    "search.library=200",
    "search.initial_design=40",
    "search.breeding.offspring=24",
    "search.explorer.population=16",
    "search.learning.training_size=200",
]


LIBRARY = gzip.decompress(SHIPPED.read_bytes()).decode().split()[2:202]  # what a prior writes differs between processors


def make(*settings: str, rules: Scorer | None = None, name: str = "surrogate") -> Surrogate:
    """One that knows `rules`; its library is the same on every machine."""
    strategy: Surrogate = compose_group("search", name, ["+seed=0", *SMALL, *settings])
    if rules is not None:
        strategy.use_rules(rules)
    if type(strategy.pool) is CandidatePool and strategy.pool.size == len(LIBRARY):
        strategy.pool.library = LIBRARY
    return strategy


def mols(smiles: list[str]) -> list[Chem.Mol]:
    """The molecules of SMILES."""
    return [Chem.MolFromSmiles(text) for text in smiles]


def stock(path: Path) -> Path:
    """A stock of `BLOCKS` in a file, with identifiers and prices: the nth costs n."""
    rows = [f"{text},B{number},{number}" for number, text in enumerate(BLOCKS.split(), 1)]
    path.write_text("\n".join(["smiles,id,price", *rows, ""]))
    return path
