"""A stock of a few blocks, with identifiers, prices and lead times."""

from pathlib import Path

import pytest

from molgen.synthesis.chemist import Chemist, chemist_of

BLOCKS = """smiles,id,price,lead time
NCc1ccc(Br)cc1,B-1,10,in stock
NCc1ccc(I)cc1,B-2,30,2 weeks
OB(O)c1cccnc1,B-3,20,in stock
CC1(C)OB(c2cccnc2)OC1(C)C,B-4,15,in stock
COc1ccc(C(=O)O)cc1,B-5,5,in stock
COc1ccc(C(=O)Cl)cc1,B-6,,
COC(=O)c1ccc(N)cc1,B-7,4,in stock
CC(C)(C)OC(=O)N1CCC(C(=O)O)CC1,B-8,12,in stock
C[C@H](N)c1ccccc1,B-9,8,in stock
Nc1ccc(O)cc1,B-10,2,in stock
CC(=O)O,B-11,1,in stock
"""


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the stock."""
    path = tmp_path_factory.mktemp("stock") / "blocks.csv"
    path.write_text(BLOCKS)
    return path


@pytest.fixture(scope="session")
def chemist(stock: Path) -> Chemist:
    """Who knows molgen's reactions and the stock."""
    return chemist_of(str(stock))
