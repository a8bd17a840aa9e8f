"""Groups that take up or give off a proton: patterns, and the pKa that each has without substituents."""

import functools
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rdkit import Chem

Kind = Literal["acid", "base"]


@dataclass(frozen=True)
class SiteType:
    """A kind of group.

    Attributes
    ----------
    name
        What chemists call it.
    smarts
        Its pattern; the first atom is the one that takes up or gives off the proton. An aromatic atom in it is where
        Hammett's constants count from.
    pka
        Of the group with hydrogens and alkyl groups around it, in water at 25 C, from textbooks (Perrin, Dempsey and
        Serjeant, "pKa Prediction for Organic Acids and Bases", 1981; CRC Handbook).
    ring
        Hammett's rho: how much pKa falls by a substituent of sigma 1 on the aromatic ring.
    chain
        The same for induction along bonds; 1 is an aliphatic amine or carboxylic acid.
    """

    name: str
    kind: Kind
    smarts: str
    pka: float
    ring: float = 0.0
    chain: float = 1.0


class Site(NamedTuple):
    """A group of a molecule."""

    type: SiteType
    atom: int
    match: tuple[int, ...]


_SP3 = "[NX3;+0;!$(N-[!#6;!#1]);!$(N-[#6;!X4])"

ACIDS = (
    SiteType("sulfonic acid", "acid", "[OX2H1]S(=O)(=O)[#6,#7,#8]", -2.0, 1.0, 0.5),
    SiteType("sulfinic acid", "acid", "[OX2H1][SX3]=O", 2.0, 1.0, 0.5),
    SiteType("phosphoric acid", "acid", "[OX2H1][PX4;!$(P-[#6])](=O)", 2.7, 0.0, 0.3),
    SiteType("phosphonic acid", "acid", "[OX2H1][PX4;$(P-[#6])](=O)", 3.2, 0.0, 0.5),
    SiteType("peroxy acid", "acid", "[OX2H1]OC=O", 8.2, 0.5, 0.4),
    SiteType("thiocarboxylic acid", "acid", "[SX2H1]C=[O,S]", 3.3, 1.0, 0.7),
    SiteType("carboxylic acid beside a ring carbonyl", "acid", "[OX2H1]C(=O)c:[c;R]=O", 6.4, 0.5, 0.3),
    SiteType("aromatic carboxylic acid", "acid", "[OX2H1]C(=O)c", 4.2, 1.0, 0.7),
    SiteType("azole carboxylic acid", "acid", "[OX2H1]C(=O)n", 3.5, 1.0, 0.7),
    SiteType("unsaturated carboxylic acid", "acid", "[OX2H1]C(=O)[CX3]=,:[#6]", 4.6, 0.0, 0.7),
    SiteType("carboxylic acid", "acid", "[OX2H1]C(=O)[#6,#1]", 4.8),
    SiteType("carboxylic acid", "acid", "[OX2H1][CH]=O", 3.75),
    SiteType("tetrazole", "acid", "[nH]1[nX2][nX2][nX2]c1", 5.3, 0.0, 0.5),
    SiteType("tetrazole", "acid", "[nH]1[nX2][nX2]c[nX2]1", 5.3, 0.0, 0.5),
    SiteType("disulfonylimide", "acid", "[NX3H1](S(=O)=O)S(=O)=O", 1.5, 1.0, 0.4),
    SiteType("acyl sulfonamide", "acid", "[NX3H1;R](S(=O)=O)C(=O)[#6]", 1.8, 1.0, 0.4),
    SiteType("acyl sulfonamide", "acid", "[NX3H1](S(=O)=O)C(=O)[#6]", 5.0, 1.0, 0.3),
    SiteType("sulfonylcarbamate", "acid", "[NX3H1](S(=O)=O)C(=O)[OX2]", 3.8, 1.0, 0.4),
    SiteType("sulfonylurea", "acid", "[NX3H1](S(=O)=O)C(=O)[NX3]", 5.4, 1.0, 0.4),
    SiteType("sulfonamide of a heteroaryl amine", "acid", "[NX3H1](c1nn[#6,#7;a]s1)S(=O)=O", 5.4, 1.0, 0.3),
    SiteType(
        "sulfonamide of a heteroaryl amine", "acid", "[NX3H1]([c;r5;$(c1nocc1),$(c1ccno1),$(c1oncc1)])S(=O)=O", 5.5, 1.0, 0.3
    ),
    SiteType("sulfonamide of a heteroaryl amine", "acid", "[NX3H1](c1ncc[s,o]1)S(=O)=O", 7.2, 1.0, 0.3),
    SiteType("sulfonamide of an aromatic amine", "acid", "[NX3H1](c)S(=O)=O", 8.8, 2.0, 0.35),
    SiteType("thiadiazole sulfonamide", "acid", "[NX3H2]S(=O)(=O)c1nncs1", 7.3, 0.0, 0.3),
    SiteType("aromatic sulfonamide", "acid", "[NX3H2]S(=O)(=O)c", 10.1, 1.0, 0.4),
    SiteType("sulfamate", "acid", "[NX3H2]S(=O)(=O)[OX2]", 9.0, 0.0, 0.4),
    SiteType("sulfonamide", "acid", "[NX3H2]S(=O)(=O)[#6,#7]", 10.6, 0.0, 0.5),
    SiteType("alkyl sulfonamide", "acid", "[NX3H1;!$(N-C=O);!$(N-N)](S(=O)=O)[CX4]", 11.5, 0.0, 0.6),
    SiteType("sulfonylguanidine", "acid", "[NX3H1,NX3H2;$(NC(=[N])S)]S(=O)=O", 9.5, 0.0, 0.4),
    SiteType("hydroxamic acid", "acid", "[OX2H1][NX3;H1]C=O", 9.0, 0.0, 0.4),
    SiteType("N-hydroxyimide", "acid", "[OX2H1]N(C=O)C=O", 6.1, 0.0, 0.4),
    SiteType("N-hydroxylactam", "acid", "[OX2H1][n;$(n:c=O)]", 6.2, 1.5, 0.4),
    SiteType("N-hydroxyazole", "acid", "[OX2H1][n;r5]", 5.0, 1.5, 0.4),
    SiteType("hydroxamic acid", "acid", "[OX2H1][NX3;H0]C=O", 8.9, 0.0, 0.4),
    SiteType("hydroxamic ester", "acid", "[NX3H1;$(N-C=O)][OX2;H0]", 9.4, 0.0, 0.4),
    SiteType("thiazolidinedione", "acid", "[NX3H1;r5]1C(=O)[#16]CC1=O", 6.5, 0.0, 0.2),
    SiteType("thiazolidinedione", "acid", "[NX3H1;r5]1C(=O)[#16]C(=*)C1=O", 6.2, 0.0, 0.2),
    SiteType("rhodanine", "acid", "[NX3H1;r5]1C(=S)[#16]CC1=O", 5.5, 0.0, 0.2),
    SiteType("rhodanine", "acid", "[NX3H1;r5]1C(=S)[#16]C(=*)C1=O", 5.3, 0.0, 0.2),
    SiteType("oxazolidinedione", "acid", "[NX3H1;r5]1C(=O)[#8]CC1=O", 6.1, 0.0, 0.2),
    SiteType("hydantoin", "acid", "[NX3H1;r5](C(=O)[NX3])C=O", 9.0, 0.0, 0.25),
    SiteType("thiohydantoin", "acid", "[NX3H1;r5](C(=S)[NX3])C=O", 8.5, 0.0, 0.25),
    SiteType("barbiturate", "acid", "[NX3H1;r6;R]1C(=[O,S])NC(=O)[CX4]C1=O", 8.2, 0.0, 0.15),
    SiteType("uracil", "acid", "[#7H1;r6]([#6](=[O,S])[#7])[#6](=[O,S])", 9.5, 2.5, 0.2),
    SiteType("aromatic imide", "acid", "[NX3H1](C(=O)c)C(=O)c", 9.0, 0.0, 0.2),
    SiteType("succinimide", "acid", "[NX3H1;r5](C=O)C=O", 9.6, 0.0, 0.2),
    SiteType("acylurea", "acid", "[NX3H1](C(=O)[NX3])C=O", 11.0, 0.0, 0.3),
    SiteType("imide", "acid", "[NX3H1](C=O)C=O", 11.4, 0.0, 0.3),
    SiteType("acylcyanamide", "acid", "[NX3H1](C=O)C#N", 4.0, 0.0, 0.3),
    SiteType("hydrazide", "acid", "[NX3H1;$(N-N)]C=O", 11.5, 0.0, 0.35),
    SiteType("amide of an azole amine", "acid", "[NX3H1](c1ncc[s,o]1)C=O", 11.5, 1.0, 0.4),
    SiteType("enol of a 1,3-dicarbonyl", "acid", "[OX2H1][#6;R]=,:[#6;R]-,:[#6;R](=O)[#8]", 4.6, 0.0, 0.4),
    SiteType("hydroxypyranone", "acid", "[OX2H1]c1cocc(=O)c1", 8.5, 0.0, 0.3),
    SiteType("hydroxypyranone", "acid", "[OX2H1]c1:c:[o,n]:c:c:c1=O", 9.0, 0.0, 0.3),
    SiteType("hydroxyquinone", "acid", "[OX2H1]C1=CC(=O)C=,:CC1=O", 4.2, 0.0, 0.3),
    SiteType("hydroxyquinone", "acid", "[OX2H1]C1=CC(=O)c:cC1=O", 4.2, 0.0, 0.3),
    SiteType("hydroxyquinone", "acid", "[OX2H1]C1=C([#6])C(=O)[#6]~[#6]C1=O", 5.3, 0.0, 0.3),
    SiteType("enol of a 1,3-dicarbonyl", "acid", "[OX2H1]C(=CC(=O)[#7])[#6]", 6.0, 0.0, 0.3),
    SiteType("enol of a ring of two carbonyls", "acid", "[OX2H1]C1=CC(=O)AAA1", 5.2, 0.0, 0.3),
    SiteType("enol of a ring of two carbonyls", "acid", "[OX2H1]C1=CC(=O)AA1", 5.0, 0.0, 0.3),
    SiteType("enol of a 1,3-diketone", "acid", "[OX2H1]C=CC(=O)", 7.8, 0.0, 0.3),
    SiteType("enol of a 1,3-dicarbonyl", "acid", "[OX2H1]C=CC#N", 5.3, 0.0, 0.3),
    SiteType("4-hydroxy-2-pyridone", "acid", "[OX2H1]c1cc(=O)[o,n]aa1", 5.0, 1.0, 0.3),
    SiteType("phenol beside a ring carbonyl", "acid", "[OX2H1]c:c:c=O", 10.8, 1.5, 0.3),
    SiteType("carbon between two carbonyls", "acid", "[CX4;H1,H2]1C(=O)[#6,#7,#8][#6,#7,#8]C1=O", 5.5, 0.0, 0.1),
    SiteType("carbon between two carbonyls", "acid", "[CX4;H1,H2]1C(=O)[#6,#7,#8][#6,#7,#8][#6,#7,#8]C1=O", 4.8, 0.0, 0.1),
    SiteType("pyrazolone", "acid", "[CX4;H1,H2]1C(=O)N(c)N=C1", 7.0, 0.0, 0.1),
    SiteType("hydroxy group beside a ring nitrogen", "acid", "[OX2H1][c;$(c:n),$(c:c:c:n);r6;!$(c1:c:c:n:c:c1)]", 11.2, 2.5, 0.3),
    SiteType("hydroxy group of a five-membered ring", "acid", "[OX2H1][c;r5]", 7.5, 2.0, 0.3),
    SiteType("phenol beside a carboxylic acid", "acid", "[OX2H1]c:cC(=O)[OX2H1]", 12.3, 2.1, 0.3),
    SiteType("phenol", "acid", "[OX2H1]c", 10.0, 2.1, 0.3),
    SiteType("thiophenol", "acid", "[SX2H1]c", 6.6, 2.0, 0.3),
    SiteType("thiol", "acid", "[SX2H1][CX4]", 10.6, 0.0, 0.8),
    SiteType("fluorinated alcohol", "acid", "[OX2H1;$(O[CX4]([CX4](F)F)[CX4](F)F)]", 15.5, 0.0, 0.55),
    SiteType("oxime", "acid", "[OX2H1][NX2]=C", 12.0, 0.0, 0.5),
    SiteType("nitramide", "acid", "[NX3H1][N+](=O)[O-]", 6.0, 0.0, 0.3),
    SiteType("benzotriazole NH", "acid", "[nH]1nnc2c1[c,n][c,n][c,n][c,n]2", 8.5, 1.0, 0.3),
    SiteType("benzotriazole NH", "acid", "[nH]1nc2[c,n][c,n][c,n][c,n]c2n1", 8.5, 1.0, 0.3),
    SiteType("1,2,3-triazole NH", "acid", "[nH]1nncc1", 9.3, 3.0, 0.3),
    SiteType("1,2,3-triazole NH", "acid", "[nH]1nccn1", 9.3, 3.0, 0.3),
    SiteType("1,2,4-triazole NH", "acid", "[nH]1ncnc1", 10.1, 3.0, 0.3),
    SiteType("1,2,4-triazole NH", "acid", "[nH]1cnnc1", 10.1, 3.0, 0.3),
    SiteType("xanthine NH", "acid", "[nH]1cnc2c1c(=O)[#7]c(=O)[#7]2", 8.7, 1.0, 0.3),
    SiteType("xanthine NH", "acid", "[nH]1cnc2c1[#7]c(=O)[#7]c2=O", 8.7, 1.0, 0.3),
    SiteType("purine NH of a lactam", "acid", "[nH]1cnc2c1[nX2]c[nH]c2=O", 11.5, 1.0, 0.3),
    SiteType("purine NH of a lactam", "acid", "[nH]1cnc2c1c(=O)[nH]c[nX2]2", 11.5, 1.0, 0.3),
    SiteType("purine NH", "acid", "[nH]1cnc2c1[nX2]c[nX2]c2", 9.3, 0.5, 0.3),
    SiteType("purine NH", "acid", "[nH]1cnc2c[nX2]c[nX2]c12", 9.3, 0.5, 0.3),
    SiteType("benzimidazole NH", "acid", "[nH]1cnc2c1[c,n][c,n][c,n][c,n]2", 12.7, 3.0, 0.3),
    SiteType("imidazole NH", "acid", "[nH]1cncc1", 14.2, 6.0, 0.3),
    SiteType("pyrazole NH", "acid", "[nH]1nccc1", 14.2, 6.0, 0.3),
    SiteType("lactam", "acid", "[nH;r6]:c=O", 11.3, 2.0, 0.3),
    SiteType("lactam", "acid", "[nH;r6]1aac(=O)aa1", 11.3, 2.0, 0.3),
    SiteType("lactam", "acid", "[NX3H1;R](C=O)c:cC=N", 11.7, 0.0, 0.3),
    SiteType("thiolactam", "acid", "[nH]:c=S", 10.3, 2.0, 0.3),
    SiteType("nitroimidazole NH", "acid", "[nH;r5]1cncc1[N+](=O)[O-]", 9.2, 0.0, 0.3),
    SiteType("nitroimidazole NH", "acid", "[nH;r5]1cnc([N+](=O)[O-])c1", 9.2, 0.0, 0.3),
)

BASES = (
    SiteType("cyano- or nitroguanidine", "base", "[NX2;$(N-C#N),$(N-[N+](=O)[O-])]=C(N)N", -0.5, 0.0, 0.3),
    SiteType("sulfonylguanidine", "base", "[NX2;$(N-S(=O)=O)]=C", -1.0, 0.0, 0.3),
    SiteType("acyl amidine", "base", "[NX2;$(N-C=O)]=C", 3.0, 0.0, 0.3),
    SiteType("cyano- or nitroguanidine", "base", "[NX2]=C([NX3;$(N-C#N),$(N-[N+](=O)[O-]),$(N-S(=O)=O)])", 0.0, 0.0, 0.3),
    SiteType("biguanide", "base", "[NX2]=C([NX3])[NX3]C(=[NX2])[NX3]", 11.6, 0.0, 0.3),
    SiteType("biguanide", "base", "[NX2;H1]=C([NX3])[NX2]=C([NX3])[NX3]", 11.6, 0.0, 0.3),
    SiteType("acylguanidine", "base", "[NX2]=C([NX3])[NX3;$(N-C=O)]", 8.0, 0.0, 0.3),
    SiteType("hydroxyguanidine", "base", "[NX2;$(N-[#8])]=C([NX3])[NX3]", 8.0, 0.0, 0.3),
    SiteType("aminoguanidine", "base", "[NX2]([NX3])=C([NX3])[NX3]", 11.2, 0.0, 0.3),
    SiteType("guanidine of a hydrazone", "base", "[NX2]=C([NX3])[NX3][NX2]=C", 8.0, 0.0, 0.3),
    SiteType("guanidine of a hydrazone", "base", "[NX2]([NX2]=C)=C([NX3])[NX3]", 8.0, 0.0, 0.3),
    SiteType("aminoguanidine", "base", "[NX2]=C([NX3])[NX3][NX3]", 11.2, 0.0, 0.3),
    SiteType("heteroaryl guanidine", "base", "[NX2;$(N=C([NX3])[NX3]c:n),$(N(c:n)=C([NX3])[NX3])]=C([NX3])[NX3]", 7.0, 0.0, 0.3),
    SiteType("aromatic guanidine", "base", "[NX2](c)=C([NX3])[NX3]", 10.9, 1.5, 0.5),
    SiteType("aromatic guanidine", "base", "[NX2]=C([NX3]c)[NX3]", 10.9, 1.5, 0.5),
    SiteType("guanidine", "base", "[NX2]=C([NX3])[NX3]", 13.4, 0.0, 0.6),
    SiteType("amidoxime", "base", "[NX2;$(N-[#8])]=C[NX3]", 5.2, 0.0, 0.3),
    SiteType("amidrazone", "base", "[NX2;$(N-[#7])]=C[NX3]", 7.0, 0.0, 0.4),
    SiteType("acyl amidine", "base", "[NX2]=C([NX3;$(N-C=O)])", 4.0, 0.0, 0.4),
    SiteType("aromatic isothiourea or isourea", "base", "[NX2;$(N(c)=C([NX3])[O,S]),$(N=C([NX3]c)[O,S])]=C", 7.5, 0.0, 0.5),
    SiteType("isothiourea or isourea", "base", "[NX2]=C([NX3])[OX2,SX2]", 9.4, 0.0, 0.5),
    SiteType("fused aromatic amidine", "base", "[NX2;R;$(N-c)]=C(c)[NX3]", 4.5, 0.0, 0.5),
    SiteType("aromatic amidine", "base", "[NX2](c)=C[NX3]", 8.5, 1.5, 0.5),
    SiteType("aromatic amidine", "base", "[NX2]=C[NX3]c", 8.5, 1.5, 0.5),
    SiteType("benzamidine", "base", "[NX2]=C([NX3;!$(N-[!#6;!#1])])c", 11.6, 1.0, 0.5),
    SiteType("amidine", "base", "[NX2]=C[NX3;!$(N-[!#6;!#1])]", 12.2, 0.0, 0.6),
    SiteType("oxime or hydrazone", "base", "[NX2;$(N-[#7,#8])]=C", 1.0, 0.0, 0.3),
    SiteType("aromatic imine", "base", "[NX2;$(N(c)=C),$(N=C(c)c)]=C", 4.0, 0.0, 0.4),
    SiteType("imine", "base", "[NX2;!$(N-[!#6;!#1]);!$(N-C=[O,S,N]);!$(N-C#N)]=[#6;!$(C=[N+])]", 6.5, 0.0, 0.8),
    SiteType("2-aminothiazole", "base", "[nX2;r5]1c([NX3;!$(N-C=[O,S,N]);!$(N-S=O);!$(N-[!#6;!#1])])scc1", 5.4, 2.5, 0.3),
    SiteType("2-aminobenzothiazole", "base", "[nX2;r5]1c([NX3;!$(N-C=[O,S,N]);!$(N-S=O)])sc2c1cccc2", 4.5, 2.0, 0.3),
    SiteType("amino-1,3,4-thiadiazole", "base", "[nX2;r5]1c([NX3;!$(N-C=[O,S,N]);!$(N-S=O)])[s,o]c[n]1", 3.2, 2.0, 0.3),
    SiteType(
        "2-aminobenzimidazole", "base", "[nX2;r5]1c([NX3;!$(N-C=[O,S,N]);!$(N-S=O)])[nX3]c2c1[c,n][c,n][c,n][c,n]2", 7.4, 2.5, 0.3
    ),
    SiteType("2-aminoimidazole", "base", "[nX2;r5]1c([NX3;!$(N-C=[O,S,N]);!$(N-S=O)])[nX3]cc1", 8.5, 3.0, 0.3),
    SiteType("xanthine", "base", "[nX2;r5;$(n1c[nX3]c2c1[#7]c(=O)[#7]c2=O)]", 0.5, 2.0, 0.3),
    SiteType("purine", "base", "[nX2;r5;$(n1c[nX3]c2c1[c,n]~[#7]~[c]~[#7]2),$(n1c[nX3]c2c1c~[#7]~c~[#7]2)]", 2.0, 2.0, 0.3),
    SiteType("imidazopyridine", "base", "[nX2;r5;$(n1ccn2aaaac12)]", 6.8, 3.0, 0.3),
    SiteType("benzimidazole", "base", "[nX2;r5;$(n1c[nX3]c2c1aaaa2)]", 5.6, 2.5, 0.3),
    SiteType("imidazole", "base", "[nX2;r5;$(n1c[nX3]cc1)]", 7.0, 6.0, 0.3),
    SiteType("indazole", "base", "[nX2;r5;$(n1[nX3]c2aaaac2c1),$(n1[nX3]cc2aaaac12)]", 1.6, 2.5, 0.3),
    SiteType("pyrazole", "base", "[nX2;r5;$(n1[nX3]ccc1)]", 2.5, 4.0, 0.3),
    SiteType("1,2,4-triazole", "base", "[nX2;r5;$(n1c[nX3]nc1),$(n1cn[nX3]c1),$(n1cnnc1);!$(n1[nX3]cnc1)]", 2.4, 4.0, 0.3),
    SiteType("1,2,3-triazole", "base", "[nX2;r5;$(n1n[nX3]cc1)]", 1.2, 3.0, 0.3),
    SiteType("benzothiazole", "base", "[nX2;r5;$(n1c[s,o]c2c1aaaa2)]", 1.0, 2.0, 0.3),
    SiteType("thiazole", "base", "[nX2;r5;$(n1cscc1)]", 2.6, 5.0, 0.3),
    SiteType("oxazole", "base", "[nX2;r5;$(n1cocc1)]", 0.9, 4.0, 0.3),
    SiteType("adenine", "base", "[nX2;r6]1c[nX2]c2[#7]c[#7]c2c1[NX3]", 3.9, 2.0, 0.3),
    SiteType("pyridine", "base", "[nX2;r6;!$(n:c=[O,S])]", 5.2, 5.9, 0.3),
    SiteType("ring nitrogen of a lactam", "base", "[nX2;r6]", 0.5, 3.0, 0.3),
    SiteType("hydrazide NH2", "base", "[NX3H2;$(N[NX3]C=[O,S])]", 3.0, 0.0, 0.2),
    SiteType("aromatic hydrazine", "base", "[NX3;$(N[NX3;!$(N-C=O);!$(N-S=O)]c);!$(N-[#6;!X4])]", 5.2, 0.0, 0.6),
    SiteType("hydrazine", "base", "[NX3;$(N[NX3;!$(N-[#6;!X4]);!$(N-[!#6;!#1;!#7])]);!$(N-[#6;!X4])]", 7.9, 0.0, 0.8),
    SiteType(
        "hydrazine of an acyl group",
        "base",
        "[NX3;$(N[#7;$([#7]-C=O),$([#7]-S)]);!$(N-[#6;!X4]);!$(N-[!#6;!#1;!#7])]",
        3.0,
        0.0,
        0.6,
    ),
    SiteType("hydroxylamine", "base", "[NX3;$(N[OX2;!$(O-C=O)]);!$(N-[#6;!X4])]", 5.6, 0.0, 0.8),
    SiteType("diarylamine", "base", "[NX3;+0;$(N(c)c);!$(N-C=[O,S,N]);!$(N-S=O);!$(N-[!#6;!#1])]c", 0.9, 2.5, 0.5),
    SiteType("primary aromatic amine", "base", "[NX3H2]c", 4.6, 2.9, 0.5),
    SiteType("secondary aromatic amine", "base", "[NX3H1;!$(N-[!#6;!#1]);$(N(c)[CX4])]c", 4.9, 3.0, 0.7),
    SiteType("tertiary aromatic amine", "base", "[NX3H0;+0;$(N(c)([CX4])[CX4])]c", 5.3, 3.2, 0.7),
    SiteType("primary amine", "base", f"{_SP3};H2]", 10.6),
    SiteType("azetidine or pyrrolidine", "base", f"{_SP3};H1;r4,r5]", 11.3),
    SiteType("aziridine", "base", f"{_SP3};r3]", 8.0),
    SiteType("secondary cyclic amine", "base", f"{_SP3};H1;R]", 11.1),
    SiteType("secondary amine", "base", f"{_SP3};H1]", 10.8),
    SiteType("quinuclidine", "base", f"{_SP3};H0;R3]", 11.0),
    SiteType("tertiary bridgehead amine", "base", f"{_SP3};H0;R2]", 10.6),
    SiteType("tertiary cyclic amine", "base", f"{_SP3};H0;R]", 10.2),
    SiteType("tertiary amine", "base", f"{_SP3};H0]", 10.2),
    SiteType("ammonia", "base", "[NX3H3]", 9.25),
)

TYPES = ACIDS + BASES


@functools.cache
def _patterns() -> tuple[tuple[SiteType, Chem.Mol], ...]:
    found = []
    for kind in TYPES:
        pattern = Chem.MolFromSmarts(kind.smarts)
        assert pattern is not None, kind
        found.append((kind, pattern))
    return tuple(found)


def find_sites(mol: Chem.Mol) -> list[Site]:
    """The groups of a neutral molecule in the order of their atoms, each atom by the first pattern that it matches."""
    taken: dict[tuple[Kind, int], Site] = {}
    for kind, pattern in _patterns():
        for match in mol.GetSubstructMatches(pattern, uniquify=False, maxMatches=1000):
            taken.setdefault((kind.kind, match[0]), Site(kind, match[0], match))
    return sorted(taken.values(), key=lambda site: (site.atom, site.type.kind))
