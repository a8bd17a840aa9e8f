// OpenChemLib's editor in a place of the page, loaded once somebody draws. The server turns texts into drawings and back.
import { ask } from "./ask.js";

const here = new URL(import.meta.url);
const LOST = "A condition that is set in the editor can't be taken over from there; write it as SMARTS.";
const ABOUT = "Structure editor, for the pointer; what it shows can be written as text instead";

export class Sketchpad {
  // `told` is called with what was drawn ({ text }, or { problem }), or with a `note` on what was opened.
  constructor(place, told) {
    Object.assign(this, { place, told, kind: "smiles", wanted: 0, busy: false, again: false });
    place.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && event.composedPath()[0].tagName === "CANVAS") event.preventDefault(); // the dialog stays open
    });
  }

  // Another text is to be shown: until it is, nobody draws on what is out of date, and what was drawn before isn't told.
  outdate() {
    this.place.inert = true;
    return (this.wanted += 1);
  }

  async show(text, kind) {
    const mine = this.outdate();
    try {
      await this.open(text, kind, mine);
    } finally {
      if (mine === this.wanted) this.place.inert = false;
    }
  }

  async open(text, kind, mine) {
    this.library ??= await import(new URL(`openchemlib.js${here.search}`, here));
    const answer = text ? await ask("/sketch/draw", { kind, text }) : { text: "" };
    if (mine !== this.wanted) return;
    this.kind = kind;
    this.editor ??= this.made();
    const { Molecule } = this.library;
    const molecule = answer.molfile ? Molecule.fromMolfile(answer.molfile) : new Molecule(0, 0);
    molecule.setFragment(kind === "smarts");
    this.editor.setMolecule(molecule);
    const shown = answer.problem ? answer : await this.read();
    if (mine !== this.wanted) return;
    if (shown.problem) this.told(shown);
    else if (shown.text === answer.text) this.told({ note: answer.note ?? "" });
    else this.told({ note: `The editor can't show all of this; once you draw, it is ${shown.text}` });
  }

  made() {
    const editor = new this.library.CanvasEditor(this.place);
    for (const canvas of this.place.firstElementChild.shadowRoot.querySelectorAll("canvas")) {
      canvas.setAttribute("role", "application");
      canvas.setAttribute("aria-label", canvas.tabIndex === 0 ? ABOUT : "Tools of the structure editor");
    }
    editor.setOnChangeListener(({ type, isUserEvent }) => type === "molecule" && isUserEvent && this.changed());
    return editor;
  }

  // One question is under way at a time; what was drawn meanwhile is asked after it.
  async changed() {
    this.again = true;
    if (this.busy) return;
    this.busy = true;
    while (this.again) {
      this.again = false;
      const mine = this.wanted;
      const answer = await this.read();
      if (mine === this.wanted && !this.again) this.told(answer);
    }
    this.busy = false;
  }

  async read() {
    const molecule = this.editor.getMolecule();
    if (!carried(molecule, this.library.Molecule)) return { problem: LOST };
    return ask("/sketch/read", { kind: this.kind, molfile: molecule.toMolfileV3() });
  }
}

// Whether a molfile holds all that the editor has: not each of its conditions on atoms and bonds.
function carried(molecule, Molecule) {
  const own = molecule.getCompactCopy();
  for (let i = 0; i < own.getAllAtoms(); i += 1) if (own.getAtomList(i)) own.setAtomicNo(i, 0); // a list has no element
  const again = Molecule.fromMolfile(molecule.toMolfileV3());
  again.setFragment(molecule.isFragment());
  return again.getIDCode() === own.getIDCode();
}
