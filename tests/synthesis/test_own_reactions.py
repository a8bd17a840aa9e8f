"""molgen's reactions give what textbooks say, and refuse what they must."""

import pytest
from rdkit import Chem

from molgen.synthesis.reaction import Reaction
from molgen.synthesis.reaction_files import check_examples, check_smarts, own_reactions
from molgen.synthesis.role import Role


def met(name: str, reactants: str) -> tuple[Reaction, list[Chem.Mol]]:
    """A reaction by its name, and its reactants."""
    (reaction,) = [each for each in own_reactions() if each.name == name]
    return reaction, [Chem.MolFromSmiles(text) for text in reactants.split(".")]


@pytest.mark.parametrize("reaction", own_reactions(), ids=lambda each: each.name)
def test_a_reaction_gives_its_examples_and_refuses_what_it_must(reaction: Reaction) -> None:
    assert len(reaction.examples) >= 3
    assert reaction.fails
    assert reaction.conditions
    check_smarts(reaction.smarts)
    check_examples(reaction)


@pytest.mark.parametrize(
    ("nucleophile", "other"),
    [
        ("CCN", "CCCCCCC=O"),  # an imine or an enamine
        ("C1CCNCC1", "CCCCCCC=O"),
        *((hydrazine, "O=Cc1ccccc1") for hydrazine in ("NNc1ccccc1", "CNN", "NNC(C)=O")),  # hydrazones
        *((hydrazine, "CCCC(C)=O") for hydrazine in ("NNc1ccccc1", "CNN")),
        *((hydrazine, "BrCCCCCC") for hydrazine in ("NNc1ccccc1", "CNN")),
    ],
)
def test_what_meets_an_amine_or_a_hydrazine_bears_nothing_else_for_it(nucleophile: str, other: str) -> None:
    """Unless it is just that which reacts."""
    free, group = Chem.MolFromSmiles(nucleophile), Chem.MolFromSmiles(other)
    for reaction in own_reactions():
        for role, partner in zip(reaction.roles, reaction.roles[::-1], strict=True):
            if len(reaction.roles) == 2 and role.sites(free) and not partner.sites(group):
                assert any(each.matches(group) for each in partner.without), reaction.name


def test_no_two_reactions_have_a_name_in_common() -> None:
    names = [each.name for each in own_reactions()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("reaction", own_reactions(), ids=lambda each: each.name)
def test_no_acid_or_sulfonyl_chloride_is_carried_through_another_reaction(reaction: Reaction) -> None:
    for role in reaction.roles:
        assert {"acid_chloride", "sulfonyl_chloride", "isocyanate", "anhydride"} <= {each.name for each in role.without}


@pytest.mark.parametrize(
    ("reagent", "group"),
    [
        ("DMF-DMA", "carboxylic_acid"),  # which it methylates
        ("POCl3", "aromatic_n_oxide"),
        ("PCl5", "aromatic_n_oxide"),
        ("TFAA", "aromatic_n_oxide"),
        ("mCPBA", "thiocarbonyl"),
        ("hydroperoxide", "thiocarbonyl"),
        ("H2, Pd/C, MeOH", "thiocarbonyl"),
        ("H2, Pd/C, MeOH", "aromatic_n_oxide"),
    ],
)
def test_what_a_reagent_takes_is_not_carried_along(reagent: str, group: str) -> None:
    found = [each for each in own_reactions() if reagent in each.conditions]
    assert found
    for reaction in found:
        assert all(group in {each.name for each in role.without} for role in reaction.roles), reaction.name


def test_no_aldehyde_that_is_masked_reacts_as_one() -> None:
    masked, seen = Chem.MolFromSmiles("CN(C)C=CC=O"), 0
    for reaction in own_reactions():
        for role in reaction.roles:
            at_carbonyl = any({3, 4, 5} & set(site) for site in role.sites(masked))
            if at_carbonyl and role.sites(Chem.MolFromSmiles("CCCC=O")):
                assert not role.fits(masked), reaction.name
                seen += 1
    assert seen > 20


@pytest.mark.parametrize("halide", ["BrC1CC1", "BrC1CCC1"])
def test_a_ring_of_three_may_bear_the_metal_itself(halide: str) -> None:
    reaction, mols = met("alkyl addition to a ketone", f"{halide}.CC(=O)c1ccccc1")
    assert reaction.run(mols)


@pytest.mark.parametrize(
    ("name", "reactants"),
    [
        ("alkyl addition to a ketone", "ClCc1cc(=O)oc2ccccc12.O=C1CCCCC1"),  # the lactone of a coumarin
        ("N-alkylation of an aniline", "CCBr.CNc1cccc(c1)C(N)=S"),  # a thioamide takes the halide at its sulfur
        ("epoxide opening by an azole", "CC1CO1.NNc1cnc[nH]1"),
        ("reductive amination of a ketone", "O=C(CCl)c1ccccc1.C1CCNCC1"),
        ("ketone from a nitrile and an aryl halide", "NS(=O)(=O)c1cccc(Br)c1.N#Cc1ccccc1"),
        ("quinazolin-4-one from an anthranilamide and an acid", "NC(=O)c1ccccc1N.O=CC(=O)O"),  # the aldehyde is faster
        ("isoxazole from an aldehyde, by its oxime, and an alkyne", "CC=O.C#CCNCc1ccccc1"),  # nitrile oxides take amines
        ("1,5-disubstituted 1,2,4-triazole from an amide and a hydrazine", "CNN.NC(=O)CCl"),
        ("pyrazole from a 1,3-diketone and a substituted hydrazine", "NNc1ccccc1.CC(=O)CC(=O)CCC(C)=O"),
        ("aza-Michael addition", "C=CC(=O)OC.NCCC(N)=N"),
        ("triazolo[1,5-a]pyridine from an aminopyridine and a nitrile", "Nc1ccccn1.N#Cc1ccc(B(O)O)cc1"),
        ("cyanation of an aryl bromide", "S=C(Nc1ccccc1)Nc1ccccc1Br"),  # closes to a benzothiazole
        ("Ullmann coupling of an azole", "[O-][n+]1cc(Br)ccc1Cl.c1cn[nH]c1"),
        ("nitro reduction", "O=[N+]([O-])c1ccc(-c2ccccc2)o1"),  # aminofurans open
        ("Buchwald-Hartwig amination with an aniline", "Brc1ccccc1.Nc1nc[nH]n1"),
        ("N-oxidation of a pyridine", "FC(F)(F)c1ccccn1"),
        ("Friedel-Crafts acylation of a benzene", "CC(=O)CC(=O)Nc1ccc(C)cc1C.CC(=O)Cl"),
        ("N-methylation of a lactam, amide or sulfonamide", "COC(=O)C(C)OC(=O)Nc1ccccc1"),  # an oxazolidinedione
        ("N-alkylation of an amide", "CCBr.COC(=O)COC(=O)Nc1ccccc1"),
        ("2-imidazoline from a nitrile and ethylenediamine", "N#Cc1ccc(F)cc1"),
        ("guanidine from an amine", "CNCCC(=O)OC"),  # a dihydropyrimidinone
        ("nucleophilic substitution of an activated aryl fluoride by an amine", "CCOC(=O)CC(=O)c1ccc(F)cc1.C1CCNCC1"),
        ("Mannich reaction of a ketone", "CC(=O)C1OC1c1ccccc1.C1CCNCC1"),
        ("benzylic bromination", "Cc1cccc(-c2cc(OC)nc(OC)n2)c1"),
        ("reductive amination of a ketone", "N#CCC(=O)C1CCC1.CNCc1ccccc1"),
        ("ketone from a nitrile and an aryl halide", "Brc1ccccc1.N#CCC(=O)N(C)C"),
        ("alkyl addition to an aldehyde", "ClCC1CC1.Nc1ncccc1C=O"),  # cyclopropylmethylmagnesium opens
        ("Negishi coupling of an alkyl halide", "Brc1ccccc1.BrCC1CC1"),
        ("reductive amination of an aldehyde", "O=Cc1ccccc1.CC(C)(C)NC(C)C"),
        ("Negishi coupling of an alkyl halide", "Brc1ccccc1.BrCCCCSC(C)=O"),  # the thioester gives a ketone
        ("Buchwald-Hartwig amination of an aryl chloride", "Clc1ccccc1.C#CC(C)(C)NCC"),
        ("Buchwald-Hartwig amination", "Brc1ccccc1.CC(C)(C)NC(C)C"),
        ("Buchwald-Hartwig amination", "Brc1ccc2[nH]ncc2c1.C1COCCN1"),
        ("Pictet-Spengler tetrahydro-beta-carboline synthesis", "NCCc1c[nH]c2ccccc12.CN(C)C=CC=O"),
        ("van Leusen imidazole synthesis", "OCC(O)C(O)C(O)C=O.Nc1ccccc1"),
        ("Mannich reaction of a ketone", "CCOC(=O)C1CCCC1=O.C1CCNCC1"),
        ("sulfide oxidation to a sulfoxide", "O=C1CSC(=S)N1C"),
        ("sulfide oxidation to a sulfoxide", "FC(F)(F)Sc1ccccc1"),
        ("amide coupling", "OC(=O)c1ccccc1.NC(C#N)C#N"),
        ("Ullmann coupling of an azole", "Brc1ccccc1.O=c1[nH]c2ccccc2c(=O)o1"),
        ("ester hydrolysis", "COC(=O)c1ccc(N2C(=O)CCC2=O)cc1"),
        ("Williamson ether synthesis with an alcohol", "BrCCC.O=C1c2ccccc2C(=O)N1CCO"),
        ("azo coupling", "Nc1ccccc1.CN(C)c1cc([N+](=O)[O-])cc([N+](=O)[O-])c1"),
        ("chlorosulfonation of a benzene", "CC(=O)Oc1ccccc1C"),
        ("chlorosulfonation of a benzene", "CCON=Cc1ccc(F)cc1C"),
        ("acylguanidine from an ester", "COC(=O)c1ccccc1NC(=O)NC"),  # a quinazolinedione
        ("nitrile hydration to a primary amide", "CC(=O)SCCCC#N"),
        ("nitrile hydration to a primary amide", "N#Cc1cccnc1Oc1ccccc1"),  # loses the phenoxide
        ("NH-1,2,4-triazole from an amide", "NC(=O)CCC(=O)O"),  # DMF-DMA makes the methyl ester
        ("Debus-Radziszewski imidazole synthesis", "O=Cc1ccccc1.O=C1CC(=O)C(=O)CC1=O"),  # a quinone's tautomer
        ("ester from an acid chloride and an alcohol", "CC(=O)Cl.OCc1cccc[n+]1[O-]"),
        ("Suzuki coupling", "Brc1ccccc1.OB(O)c1ccc(NC(=S)NC)cc1"),
        ("1,5-disubstituted tetrazole from an amide", "O=C1Nc2ccccc2C1=O"),
        ("Mitsunobu reaction with an azole", "CC(C)O.c1ccc(-c2nc3ccccc3[nH]2)cc1"),
        ("nucleophilic substitution of a heteroaryl halide by a phenol", "Brc1ccccn1.Oc1c(Cl)cccc1Cl"),
        ("amide reduction", "O=C1CSCN1C"),
        ("amide coupling with an aniline", "OC(=O)c1ccccc1.CC(C)Nc1nccs1"),
        ("Chan-Lam coupling of an amine", "OB(O)c1ccccc1.COC(=O)C1CCCCN1"),
        ("amidoxime from a nitrile", "N#Cc1ccc(O)c(O)c1"),
        ("acylguanidine from an ester", "COC(=O)C(O)c1ccccc1"),  # an aminooxazolone
        ("amide reduction", "CN(C)C(=O)CNC(=O)OC"),  # takes the carbamate as well
        ("reductive amination of a ketone with an aniline", "CC1CCCCC1=O.CC(C)Nc1ccccc1"),
        ("copper-catalysed azide-alkyne cycloaddition", "[N-]=[N+]=Nc1ccccn1.C#CC(C)=O"),  # a tetrazolopyridine
        ("N-sulfonylation of an indole or azole", "O=S(=O)(Cl)c1ccccc1.CCOC(=O)c1[nH]c(C)c(S(N)(=O)=O)c1C"),
        ("quaternization of a tertiary amine", "CCBr.CC(C(=O)O)N(C)C"),
        ("carbamate from an alcohol and an amine", "CC(O)C(=O)NC.NCc1ccccc1"),  # closes to an oxazolidinedione
        ("pyrimidine from an amidine and a 1,3-diketone", "N=C(N)c1ccccc1C(=O)O.CC(=O)CC(C)=O"),  # closes to an isoindolinone
        ("oxime formation", "O=C(C=Cc1ccccc1)c1ccccc1"),  # an isoxazoline
        ("benzylic bromination", "Cc1cccc(N(C)CC)c1"),  # the bromine goes to the aniline's ring
        ("N-sulfonylation of an indole or azole", "O=S(=O)(Cl)c1ccccc1.Nc1ccc2cn[nH]c2c1"),
        ("oxazole from a haloketone and an amide", "O=C(CBr)c1ccccc1.NC(=O)CCC(=O)O"),  # alkylates the acid
        ("aminolysis of an ester", "COC(=O)c1nc(Cl)c(Cl)nc1N.NCc1ccccc1"),
        ("urea from two anilines", "Nc1ccccc1.O=C(O)[C@@H]1Cc2ccccc2N1"),  # closes to a hydantoin
        ("chlorosulfonation of a benzene", "CCNC(=O)OCc1ccccc1"),
        ("isoxazoline from an oxime and an alkene", "ON=Cc1ccccc1.C=CCNC(=N)N"),
        ("Mitsunobu reaction with a phenol", "CC(=O)CCO.Oc1ccccc1"),  # an enone forms
        ("sulfonamide from an aniline", "O=S(=O)(Cl)CCCl.Nc1ccccc1"),  # a vinylsulfonamide forms
        ("Friedel-Crafts acylation of a benzene", "COc1cccc(Nc2ccccc2)c1.CC(=O)Cl"),
        ("carbamate from an alcohol and an aniline", "OCc1ccccc1.Nc1ncccc1O"),  # closes to an oxazolone
        ("Bucherer-Bergs hydantoin synthesis", "O=C(C=Cc1ccccc1)c1ccccc1"),
        ("Chan-Lam coupling of an aniline", "OB(O)c1ccccc1.N#Cc1c[nH]nc1N"),  # the azole is faster
        ("ammonolysis of an ester", "COC(=O)c1ccc(N2C(=O)CCC2=O)nc1"),  # opens the succinimide
        ("nitrile reduction", "N#Cc1ccccc1NC(=S)Nc1ccccc1"),
        ("hydrazinolysis of an ester", "CCOC(=O)CN1C(=O)c2ccccc2C1=O"),  # takes the phthalimide apart, as Gabriel's does
        ("aminolysis of an ester", "COC(=O)CN1C(=O)CCC1=O.NCc1ccccc1"),
        ("ketone from a nitrile and an alkyl halide", "CCBr.N#CCc1ccccc1"),  # the nitrile's acidic hydrogen is faster
        ("phthalimide from an anhydride and an amine", "O=C1OC(=O)c2cc(CBr)ccc12.CCN"),
        ("Buchwald-Hartwig amination", "O=C1C=CC(=O)N1c1ccc(Br)cc1.C1COCCN1"),  # the amine adds to the maleimide
        ("Buchwald-Hartwig amination of an aryl chloride", "O=S(Cl)c1ccccc1Cl.C1COCCN1"),
        ("Pfitzinger quinoline synthesis", "O=C1Nc2ccccc2C1=O.COC(=O)CCC(C)=O"),  # hot hydroxide hydrolyses the ester
        ("hydroxylation of an aryl bromide", "COC(=O)c1ccc(Br)cc1"),
        ("coupling of an aryl bromide and an alcohol", "Oc1cccc(I)c1.CCCCO"),  # a phenol is faster
        ("Negishi coupling of an alkyl halide", "C#Cc1ccc(Br)cc1.CCCCBr"),
        ("coupling of an aryl bromide and an alcohol", "Clc1ncnc2ccc(Br)cc12.CCCCO"),  # at the quinazoline's chloride
        ("aminocarbonylation of an aryl bromide", "Clc1ccn2ncc(Br)c2n1.CCCCN"),
        ("4-aminoquinazoline from an aminobenzonitrile and an amine", "NC(=O)c1cccc(C#N)c1N.NCc1ccccc1"),  # a quinazolinone
        ("Appel bromination", "CC(=O)NC(C)CO"),  # closes to an oxazoline
        ("Mitsunobu reaction with a phenol", "O=C(NCCO)c1ccccc1.Oc1ccccc1"),
        ("Mitsunobu reaction with a phenol", "CC(CO)NS(=O)(=O)c1ccccc1.Oc1ccccc1"),  # closes to an aziridine
        ("N-alkylation of a lactam or imide", "ClCc1ccccc1.O=C(NO)c1ccc(cc1)N1CCNC1=O"),  # at the oxygen of the hydroxamic acid
        ("imidazole from a haloketone and an amidine", "O=C(CBr)c1ccccc1.N=C(N)C1CCCN1"),
        ("N-alkylation of an amide", "OCCOCCCl.CC(=O)Nc1ccccc1"),
        ("Buchwald-Hartwig amination with an aniline", "Brc1ccccc1.Nc1nccc(Cl)n1"),  # the chlorides take palladium, too
        ("Buchwald-Hartwig amination", "Brc1ccccc1.NCCc1ccnc(Cl)n1"),
        ("nitro reduction", "O=[N+]([O-])c1cccc(c1)-c1ccc[n+]([O-])c1"),
        ("Suzuki coupling", "ClCc1ccc(Br)cc1.OB(O)c1ccccc1"),
        ("Suzuki coupling of an aryl chloride", "CC(=CCCl)c1ccc(Cl)cc1.OB(O)c1ccccc1"),
        ("Sonogashira coupling", "Oc1ccccc1I.C#Cc1ccccc1"),  # closes to a benzofuran
        ("hydroxylation of an aryl bromide", "O=C(NCc1ccc(Br)cc1)OCC1c2ccccc2-c2ccccc21"),  # hydroxide takes Fmoc off
        ("ester hydrolysis", "COC(=O)CNC(=O)OCC1c2ccccc2-c2ccccc21"),
        ("Buchwald-Hartwig amination", "O=C(NCc1ccc(Br)cc1)OCC1c2ccccc2-c2ccccc21.C1COCCN1"),
        ("Williamson ether synthesis with a phenol", "CCCCl.Oc1cccc(c1)C1=NCCN1"),  # at the imidazoline
        ("amide coupling", "OC(=O)c1ccccc1.NCCCNC(=N)N"),
        ("N-oxidation of a pyridine", "Oc1ccc(cc1O)-c1cccnc1"),  # a quinone forms
        ("demethylation of an aryl methyl ether", "COc1ccc(cc1)C(O)C1CC1"),  # BBr3 takes the benzylic OH
        ("Conrad-Limpach quinolone synthesis", "Nc1ccccc1Nc1ccccc1.CCOC(=O)CC(C)=O"),  # a benzodiazepine or benzimidazole
        ("Williamson ether synthesis with an alcohol", "COC(=O)CBr.O=CCO"),
        ("formylation of an aryl bromide", "CON=Cc1ccc(Br)cc1F"),
        ("alkyl addition to a ketone", "CCBr.O=C(Cc1ccccn1)c1ccccc1"),  # exists as its enol
    ],
)
def test_what_would_react_instead_is_refused(name: str, reactants: str) -> None:
    reaction, mols = met(name, reactants)
    assert reaction.run(mols) is None
    assert "must not have" in reaction.why_not(mols)


@pytest.mark.parametrize("amine", ["Nc1ccccc1N", "CNc1ccccc1N", "Nc1ccccc1O", "Nc1ccccc1S", "NNc1ccccn1"])
@pytest.mark.parametrize(("partner", "kind"), [("OC(=O)C(=O)c1ccccc1", "an acid"), ("O=CC(=O)c1ccccc1", "an aldehyde")])
def test_two_carbonyls_close_a_ring_of_six_rather_than_one_of_five(amine: str, partner: str, kind: str) -> None:
    """Hinsberg's quinoxalines and quinoxalinones, benzoxazinones and their like."""
    mols = [Chem.MolFromSmiles(amine), Chem.MolFromSmiles(partner)]
    fitting = [each for each in own_reactions() if len(each.roles) == 2 and all(map(Role.sites, each.roles, mols))]
    assert [each.name for each in fitting if each.run(mols) and "from a" in each.name and kind in each.name] == []


@pytest.mark.parametrize(
    ("name", "reactants", "own"),
    [
        ("amide coupling with an aniline", "Nc1ccc(cc1)C(=O)O.Nc1ccccc1", True),
        ("Ullmann diaryl ether synthesis", "Oc1ccc(Br)cc1.Oc1ccccc1", True),
        ("nucleophilic substitution of an activated aryl fluoride by a phenol", "N#Cc1ccc(F)c(O)c1.Oc1ccccc1", True),
        ("nucleophilic substitution of a heteroaryl halide by an amine", "Clc1ncccn1.NCc1ccnc(Cl)n1", True),
        ("reductive amination of a ketone", "O=C1CCCCC1.NCC1CCC(=O)CC1", True),
        ("N-alkylation of a lactam or imide", "O=C1CCC(CCBr)N1.O=C1CCCN1", True),
        ("aryl addition to a ketone", "Brc1ccccc1.CC(=O)c1ccc(Br)cc1", False),  # the Grignard reagent is there before the ketone
        ("urea from an aniline and an amine", "Nc1ccccc1.NCc1ccc(N)cc1", False),  # an isocyanate takes the amine first
    ],
)
def test_a_reactant_with_its_partners_group_reacts_with_itself(name: str, reactants: str, own: bool) -> None:
    reaction, mols = met(name, reactants)
    assert (reaction.run(mols) is None) == own
    assert ("would react with itself" in reaction.why_not(mols)) == own


@pytest.mark.parametrize(
    ("name", "reactants"),
    [
        ("Williamson ether synthesis with a phenol", "CC(=O)CCBr.Oc1ccccc1"),  # base makes an enone of it
        ("Williamson ether synthesis with an alcohol", "O=C(CCBr)c1ccccc1.CCO"),
        ("Knoevenagel condensation", "O=Cc1ccccc1.OC(=O)Cc1ccccc1"),
        ("azo coupling", "Cc1oc(N)cc1C.CN(C)c1ccccc1"),  # aminofurans fall apart
        ("Lawesson thionation of an amide", "N=C(N)NC(=O)c1ccccc1"),
        ("alkyl addition to a ketone", "ClCc1ccccn1.O=C1CCCCC1"),  # alkylates itself
        ("aryl addition to an alpha-keto ester", "Brc1ccccc1.CCC1OC(=O)C(=O)C1C"),  # an enol
        ("ammonolysis of an ester", "CC(=O)OCCCCc1ccccc1"),  # nobody makes a large ester for a small amide
        ("aza-Michael addition", "C=CC(=O)Cl.CNC"),  # the acid chloride is faster
        ("guanidine from an amine", "CC(c1ccccc1)Nc1ccccc1"),
        ("thiourea from an amine", "c1ccc(Nc2ccccn2)cc1"),
        ("amidation of an aryl bromide", "Brc1ccccc1.CC(C)(C)OC(=O)NC(C)c1ccccc1"),  # too crowded
        ("nucleophilic substitution of a heteroaryl halide by a thiol", "Clc1ncccn1.CCOC(S)=S"),  # a xanthic acid
        ("ketone from a Weinreb amide and an alkyl halide", "Cc1noc(C)c1CCl.CON(C)C(C)=O"),
        ("van Leusen imidazole synthesis", "O=Cc1ccccc1.Nc1ncccn1"),  # gives no imine
        ("ketone from a nitrile and an alkyl halide", "BrCCn1cccn1.N#Cc1ccccc1"),  # the metal's carbon loses the azole
        ("carbamate from an isocyanate and an alcohol", "O=C=Nc1ccccc1.Cc1cc(C)n(CO)n1"),  # falls apart to formaldehyde
    ],
)
def test_what_does_not_undergo_a_reaction_has_no_site(name: str, reactants: str) -> None:
    reaction, mols = met(name, reactants)
    assert reaction.run(mols) is None
    assert " has no " in reaction.why_not(mols)
