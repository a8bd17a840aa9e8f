"""Twelve disconnections in Syntheseus: what `route` began with, as a baseline of `benchmarks.routes`."""

from collections.abc import Sequence
from typing import Any

from rdkit import Chem
from rdkit.Chem import AllChem
from syntheseus import BackwardReactionModel, Bag, Molecule, SingleProductReaction

REACTIONS = {
    "amide": "[C;$(C=O):1](=[O:2])-[N;!$(N-[!#6;!#1]);!H2:3]>>[C:1](=[O:2])-[OH].[N:3]",
    "ester": "[C;$(C=O):1](=[O:2])-[O;H0;!R:3]-[#6:4]>>[C:1](=[O:2])-[OH].[O:3]-[#6:4]",
    "sulfonamide": "[S;$(S(=O)(=O)):1]-[N;!H2:2]>>[S:1]-Cl.[N:2]",
    "urea": "[N:1]-[C;$(C(=O)(N)N):2](=[O:3])-[N;!H2:4]>>[N:1]=[C:2]=[O:3].[N:4]",
    "suzuki": "[c:1]-!@[c:2]>>[c:1]-Br.[c:2]-B(-O)-O",
    "buchwald": "[c:1]-!@[N;!$(N-C=O);!$(N-S);!H2:2]>>[c:1]-Br.[N:2]",
    "ether": "[c:1]-!@[O:2]-[CX4;!H0:3]>>[c:1]-[OH:2].Br-[C:3]",
    "diaryl ether": "[c:1]-!@[O:2]-[c:3]>>[c:1]-F.[OH:2]-[c:3]",
    "reductive amination": "[CX4;H1,H2:1]-!@[NX3;!$(N-C=O);!$(N-S);!$(N-c);!H2:2]>>[C:1]=O.[N:2]",
    "alkylation": "[n:1]-!@[CX4;H2:2]>>[nH:1].Br-[C:2]",
    "thioether": "[#6:1]-!@[S;X2:2]-[CX4;H2,H3:3]>>[#6:1]-[SH:2].Br-[C:3]",
    "boc": "[N:1]-C(=O)OC(C)(C)C>>[N:1]",
}


class Disconnections(BackwardReactionModel):
    """Reverses the couplings that medicinal chemists use most, wherever their pattern matches.

    It ignores selectivity and yield: a route is a suggestion, while the lack of one says more.
    """

    def __init__(self, reactions: dict[str, str] | None = None, **settings: Any) -> None:
        super().__init__(**{"use_cache": True, **settings})
        self.reactions = {name: AllChem.ReactionFromSmarts(smarts) for name, smarts in (reactions or REACTIONS).items()}

    def _get_reactions(self, inputs: list[Molecule], num_results: int) -> list[Sequence[SingleProductReaction]]:
        return [self._steps(molecule)[:num_results] for molecule in inputs]

    def _steps(self, product: Molecule) -> list[SingleProductReaction]:
        found: dict[tuple[str, ...], SingleProductReaction] = {}
        for name, reaction in self.reactions.items():
            for parts in reaction.RunReactants((product.rdkit_mol,)):
                try:
                    for part in parts:
                        Chem.SanitizeMol(part)
                    key = tuple(sorted(Chem.MolToSmiles(part) for part in parts))
                    reactants = Bag([Molecule(text) for text in key])
                except ValueError:  # RDKit's errors of chemistry, and Syntheseus' of SMILES
                    continue
                found.setdefault(key, SingleProductReaction(reactants=reactants, product=product, metadata={"source": name}))
        return list(found.values())
