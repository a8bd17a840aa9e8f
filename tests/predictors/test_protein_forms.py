import pytest

from molgen.errors import ConfigError
from molgen.predictors.kinase_places import FIRST, counterparts, region
from molgen.predictors.protein_forms import ResidueChange, canonical_sequence, check_changes, forms_among, read_form

SRC = (  # human, UniProt P12931
    "MGSNKSKPKDASQRRRSLEPAENVHGAGGGAFPASQTPSKPASADGHRGPSAAFAPAAAEPKLFGGFNSSDTVTSPQRAGPLAGGVTTFVALYDYESRTETDLSFKKGERLQIVNNTEGDWW"
    "LAHSLSTGQTGYIPSNYVAPSDSIQAEEWYFGKITRRESERLLLNAENPRGTFLVRESETTKGAYCLSVSDFDNAKGLNVKHYKIRKLDSGGFYITSRTQFNSLQQLVAYYSKHADGLCHRL"
    "TTVCPTSKPQTQGLAKDAWEIPRESLRLEVKLGQGCFGEVWMGTWNGTTRVAIKTLKPGTMSPEAFLQEAQVMKKLRHEKLVQLYAVVSEEPIYIVTEYMSKGSLLDFLKGETGKYLRLPQL"
    "VDMAAQIASGMAYVERMNYVHRDLRAANILVGENLVCKVADFGLARLIEDNEYTARQGAKFPIKWTAPEAALYGRFTIKSDVWSFGILLTELTTKGRVPYPGMVNREVLDQVERGYRMPCPP"
    "ECPESLHDLMCQCWRKEPEERPTFEYLQAFLEDYFTSTEPQYQPGENL"
)
ABL1 = canonical_sequence("ABL1", "")


def changes(text: str) -> set[str]:
    read = read_form(text)
    return set() if read is None else {str(change) for change in read[1]}


@pytest.mark.parametrize(
    ("text", "base", "told"),
    [
        ("ABL1(T315I)", "ABL1", {"T315I"}),
        ("abl1(t315i)", "abl1", {"T315I"}),
        ("ABL1(T315I)p", "ABL1", {"T315I", "phosphorylated"}),
        ("ABL1p", "ABL1", {"phosphorylated"}),
        ("EGFR(L858RT790M)", "EGFR", {"L858R", "T790M"}),
        ("EGFR(T790M/L858R)", "EGFR", {"L858R", "T790M"}),
        ("EGFR(E746A750del)", "EGFR", {"E746A750del"}),
        ("EGFR(E746_A750del)", "EGFR", {"E746A750del"}),
        ("KIT(V559D-V654A)", "KIT", {"V559D", "V654A"}),
        ("FLT3(ITD)", "FLT3", {"ITD"}),
        ("JAK2(JH1domain-catalytic)(V617F)", "JAK2(JH1domain-catalytic)", {"V617F"}),
    ],
)
def test_forms_are_read_as_davis_and_chemists_write_them(text: str, base: str, told: set[str]) -> None:
    read = read_form(text)
    assert read is not None
    assert read[0] == base
    assert changes(text) == told


@pytest.mark.parametrize(
    "text", ["ABL1", "JAK1(JH1domain-catalytic)", "GCN2(KinDom2S808G)", "ABL1(T315)", "ABL1(T315I", "ABL1(T315B)"]
)
def test_other_names_are_no_forms(text: str) -> None:
    assert read_form(text) is None


def test_the_mutants_of_one_kinase_are_told_from_names_that_look_alike() -> None:
    names = ("KIT", "KIT(D816V)", "KITp", "JAK1(JH1domain-catalytic)", "ABL1(T315I)", "LOOP", "LOO")
    found = forms_among(names, ("MRGA", "MRGA", "MRGA", "MQYL", "MLEI", "MAAA", "MCCC"))
    assert {i: wild for i, (wild, _) in found.items()} == {1: 0, 2: 0}
    assert found[1][1].changes == {ResidueChange(816, ((816, "D"),), "V")}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("T338I", r"has Y338, not T338 \(the nearest T is T341\)"),  # of chicken Src, as the literature numbers it
        ("T3410I", "has 536 residues, none at 3410"),
        ("T341T", "changes nothing"),
        ("T341I/T341M", "341 .*changed twice"),
        ("L410L390del", "from its first residue to its last"),
    ],
)
def test_residues_that_are_not_there_are_refused_with_what_is(text: str, problem: str) -> None:
    read = read_form(f"SRC({text})")
    assert read is not None
    with pytest.raises(ConfigError, match=problem):
        check_changes(read[1], SRC, "SRC")


def test_the_gatekeeper_and_the_loops_are_found_by_alignment() -> None:
    """Src's gatekeeper is T341 (human numbering), its activation segment begins with D407 of DFG, its P-loop with G279."""
    places = counterparts(SRC)
    assert places[341] == 315
    assert places[407] == 381
    assert {region(places[i]) for i in (341, 407, 279)} == {"gatekeeper", "activation loop", "P-loop"}
    assert region(places.get(100)) == "outside the kinase domain"
    assert {counterparts(ABL1)[i] for i in range(FIRST, 501)} == set(range(FIRST, 501))


def test_a_protein_that_is_no_kinase_has_no_counterparts() -> None:
    insulin = "MALWMRLLPLLALLALWGPDPAAAFVNQHLCGSHLVEALYLVCGERGFFYTPKTRREAEDLQVGQVELGGGPGAGSLQPLALEGSLQKRGIVEQCCTSICSLYQLENYCN"
    assert counterparts(insulin) == {}
