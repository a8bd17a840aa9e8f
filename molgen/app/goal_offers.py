"""Goals that a form offers to add; of some it has to be said which molecule, substructure or protein they are about."""

import copy
import functools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from molgen.app.form_fields import FieldError
from molgen.app.shelf import card_beside
from molgen.app.workspace import Workspace
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.config import group_node, options
from molgen.predictors.shipped import PROPERTIES, file_of
from molgen.scoring.components.property import Property

COMPUTED = (
    "qed", "sa_score", "alerts", "descriptor molecular_weight", "descriptor logp", "descriptor tpsa", "descriptor hb_donors",
    "descriptor hb_acceptors", "descriptor rotatable_bonds", "descriptor fraction_sp3", "descriptor aromatic_rings",
    "descriptor stereocentres", "descriptor formal_charge", "descriptor esol",
)  # fmt: skip
LIKE, WITH, PREDICTED, OWN_MODELS, DOCKED = "Like a molecule", "Parts", "Predicted", "Predicted by yours", "Docked"
OF_PREDICTORS = {"activity": "Predicted activity", "toxicity": "Predicted toxicity"}  # groups; all else is PREDICTED
DOCKING = "docking/"  # where objectives with a receptor are, and how public receptors are called
LACKED = {"wanted": "absent"}
FIELDS = "goal"  # fields are goal.WHAT.NAME, where the name may have points in it


@dataclass(frozen=True)
class Missing:
    """What has to be said of a goal before it can be added.

    Attributes
    ----------
    label, hint
        How the field is called, and what stands in it while it is empty.
    draw
        What the editor of structures makes of a drawing: smiles or smarts; empty where nothing is drawn.
    is_file
        Whether the name of a file of the folder stands for that file.
    """

    label: str
    hint: str
    draw: str = ""
    is_file: bool = False


MOLECULE = Missing("Molecule", "SMILES", "smiles")
SUBSTRUCTURE = Missing("Substructure", "SMARTS", "smarts")
PROTEIN = Missing("Protein", "ABL1, ABL1(T315I), or a sequence")
LIGAND = Missing("Around which ligand", "STI/A:401, or a file of this folder", is_file=True)
KNOWN = Missing("File", "known.csv, of this folder", is_file=True)


@dataclass(frozen=True)
class GoalOffer:
    """A goal that can be added.

    Attributes
    ----------
    text
        As the form sends it; what is `missing` follows after a space.
    called
        What it is called on the page.
    group
        Under which it stands.
    node
        As objectives write it: one component with its settings.
    setting
        Of the component, which takes what is missing.
    missing
        None where nothing has to be said.
    """

    text: str
    called: str
    group: str
    node: Mapping[str, Any]
    setting: str = ""
    missing: Missing | None = None

    def written(self, said: str, workspace: Workspace) -> dict[str, Any]:
        """The goal as objectives write it, with what was `said` of it.

        Raises
        ------
        FieldError
            Nothing was said, and something has to be.
        """
        node = copy.deepcopy(dict(self.node))
        if self.missing is None:
            return node
        if not said:
            raise FieldError(FIELDS, f"{self.called}: say which ({self.missing.label.lower()}: {self.missing.hint})")
        component = next(iter(node))
        file = workspace.file(said) if self.missing.is_file else None
        if self.missing.draw == "smiles":
            said = _as_scored(said)
        node[component] = {**node[component], self.setting: said if file is None else str(file)}
        return node


def _as_scored(text: str) -> str:
    """A molecule without its salt, as campaigns score those that are compared with it; all else stays as typed."""
    molecule = Molecules([text], STANDARD)
    return molecule.canonical[0] or text if molecule.changes[0] else text


def goal_offers(workspace: Workspace) -> list[GoalOffer]:
    """All goals that can be added, by group."""
    return [*_general(), *_of_predictors(workspace), *_receptors(workspace)]


def offered(text: str, offers: Sequence[GoalOffer]) -> tuple[GoalOffer, str]:
    """The goal that a form asks for, and what it says of it.

    Raises
    ------
    FieldError
        There is no such goal.
    """
    fitting = [each for each in offers if text == each.text or (each.missing and text.startswith(f"{each.text} "))]
    if not fitting:
        raise FieldError(FIELDS, f"'{text[:60]}' can't be added here; write it into the settings")
    offer = max(fitting, key=lambda each: len(each.text))
    return offer, text[len(offer.text) :].strip()


def name_for(offer: GoalOffer, taken: Sequence[str]) -> str:
    """A name for the term that no other has."""
    kind, settings = next(iter(offer.node.items()))
    named = settings if isinstance(settings, str) else settings.get("endpoint", kind) if isinstance(settings, Mapping) else kind
    name = re.sub(r"\W+", "_", named or kind)
    return next(each for each in (name, *(f"{name}_{number}" for number in range(2, 999))) if each not in taken)


@functools.cache
def _general() -> tuple[GoalOffer, ...]:
    """Those that need nothing of the folder."""
    found = []
    for text in COMPUTED:
        kind, _, what = text.partition(" ")
        found.append(GoalOffer(text, (what or kind).replace("_", " "), "Computed", {kind: what or {}}))
    found += [
        GoalOffer("similarity", "similarity to a molecule", LIKE, {"similarity": {}}, "target", MOLECULE),
        GoalOffer("shape", "shape of a molecule, in 3D (slow)", LIKE, {"shape": {}}, "reference", MOLECULE),
        GoalOffer("scaffold", "scaffold of a molecule", LIKE, {"scaffold": {}}, "target", MOLECULE),
        GoalOffer("novelty", "not in a file of molecules", LIKE, {"novelty": {}}, "path", KNOWN),
        GoalOffer("substructure present", "has a substructure", WITH, {"substructure": {}}, "smarts", SUBSTRUCTURE),
        GoalOffer("substructure absent", "lacks a substructure", WITH, {"substructure": LACKED}, "smarts", SUBSTRUCTURE),
        GoalOffer("affinity", "affinity to a kinase", PREDICTED, {"affinity": {}}, "target", PROTEIN),
    ]  # fmt: skip
    for predictor in PROPERTIES:
        card = json.loads(file_of(predictor).with_suffix(".json").read_text(encoding="utf-8"))  # its models take seconds to read
        usual, group = predictor == Property.predictor, OF_PREDICTORS.get(predictor, PREDICTED)
        for each in card["endpoints"]:
            name = each["name"]
            node = {"property": name if usual else {"endpoint": name, "predictor": predictor}}
            found.append(GoalOffer(f"property {'' if usual else f'{predictor} '}{name}", each["about"] or name, group, node))
    for name in options("scoring"):
        if name.startswith(DOCKING):
            place = group_node("scoring", name)["terms"]["docking"]["docking"]
            node = {"docking": {key: place[key] for key in ("receptor", "center", "size")}}
            found.append(GoalOffer(f"docking {name}", f"docking to {name.removeprefix(DOCKING).upper()}", DOCKED, node))
    return tuple(found)


def _of_predictors(workspace: Workspace) -> list[GoalOffer]:
    """What predictors that were trained in the folder predict."""
    found = []
    for folder in workspace.predictors():
        name, card = folder.relative_to(workspace.root).as_posix(), card_beside(folder)
        listed = card.get("endpoints")
        for each in listed if isinstance(listed, list) else []:
            endpoint = each.get("name") if isinstance(each, dict) else None
            if isinstance(endpoint, str) and endpoint.strip() and endpoint.isprintable():
                node = {"property": {"endpoint": endpoint, "predictor": str(folder)}}
                found.append(GoalOffer(f"own {name} {endpoint}", f"{endpoint} ({name})", OWN_MODELS, node))
        if isinstance(card.get("endpoint"), dict):  # affinities to whatever protein is named
            node = {"affinity": {"predictor": str(folder)}}
            found.append(GoalOffer(f"own {name}", f"affinity to a protein ({name})", OWN_MODELS, node, "target", PROTEIN))
    return found


def _receptors(workspace: Workspace) -> list[GoalOffer]:
    """Docking to the structures in the folder."""
    found = []
    for name in workspace.receptors():
        node = {"docking": {"receptor": str(workspace.root / name)}}
        found.append(GoalOffer(f"receptor {name}", f"docking to {name}", DOCKED, node, "ligand", LIGAND))
    return found
