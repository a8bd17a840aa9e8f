"""Amines that their own halide or sulfonate alkylates: a ring of five or six closes before another molecule is met."""

from rdkit import Chem

from molgen.synthesis.matching import Match, Seen

AMINE = "[NX3;!$(N-[!#6]);!$(N-[#6]=[#7,#8,#16]);!$(N-C#N);!$(N-c)]"
# Rings of three and four are slower.
LEAVING = "[CX4;H2;$(C-[Cl,Br,I]),$(C-[OX2]-S(=O)(=O)-[#6]);!$(C-[#6]-[NX3]);!$(C-[#6]-[#6]-[NX3])]"
META = "$(a:a:a-[CX4])"  # too far apart
RINGS = (f"{AMINE}-[CX4]-,:[*]-,:[*]-{LEAVING}", f"{AMINE}-[CX4]-,:[*;!{META}]-,:[*]-,:[*]-{LEAVING}")
QUERIES = [Chem.MolFromSmarts(text) for text in RINGS]


def self_closing(mol: Chem.Mol, seen: Seen) -> list[tuple[int, int]]:
    """The nitrogens of `mol` that close a ring by themselves, each with the carbon that they take.

    Such amines are sold as salts; 4-bromobutylamine is pyrrolidine minutes after its acid is taken off.

    Parameters
    ----------
    seen
        What has been looked for in `mol`.
    """
    found: list[Match] = []
    for text, query in zip(RINGS, QUERIES, strict=True):
        found += seen.look(mol, text, lambda each, query=query: list(each.GetSubstructMatches(query)))  # type: ignore[misc]
    return [(match[0], match[-1]) for match in map(tuple, found)]
