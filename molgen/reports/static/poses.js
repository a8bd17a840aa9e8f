// Poses in their site: a viewer in each `.scene` of the page, as soon as it is there. The tables beside it need none of this.
(() => {
  const KINDS = {
    "hydrogen bond": "#2a8fd0", "salt bridge": "#d55e00", "metal coordination": "#8e44ad", "halogen bond": "#009e9e",
    "pi stacking": "#009e73", "cation-pi": "#b58900", hydrophobic: "#8593a1", clash: "#d0021b",
  };
  const CARBONS = ["#e69f00", "#00a6b5", "#c23aa2", "#4d9221", "#7b61c9", "#b5651d"];
  const [POCKET, REFERENCE, CARTOON] = ["#a9b4bf", "#9b7fd1", "#c4ccd4"];
  const TURN = 12; // degrees per key
  const viewers = new Map(); // scene -> viewer

  let library = null;
  function loaded(address) {
    if (window.$3Dmol) return Promise.resolve();
    library ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
    return library;
  }

  function draws() {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("webgl2") ?? canvas.getContext("webgl");
    context?.getExtension("WEBGL_lose_context")?.loseContext();
    return context !== null;
  }

  const carbons = (colour) => ({ prop: "elem", map: { ...$3Dmol.elementColors.rasmol, C: colour } });
  const at = ([x, y, z]) => ({ x, y, z });

  // Hydrogens on carbon say nothing here.
  function hide(model) {
    const held = new Set(model.selectedAtoms({ elem: "C" }).map((atom) => atom.index));
    const needless = model.selectedAtoms({ elem: "H" }).filter((atom) => atom.bonds.some((bond) => held.has(bond)));
    if (needless.length) model.setStyle({ index: needless.map((atom) => atom.index) }, {});
  }

  // A label and how much it says: 0 most.
  function addLabel(viewer, text, rank, style) {
    const label = viewer.addLabel(text, { inFront: true, alignment: "center", ...style });
    return { label, rank };
  }

  // Where labels would lie over each other, those that say most are seen; the others come back as one turns or comes nearer.
  function spread(viewer, labels) {
    const boxes = [];
    let changed = false;
    for (const { label } of labels) {
      const { x, y } = viewer.modelToScreen(label.getStyle().position);
      const { width, height } = label.canvas;
      const box = [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
      const free = boxes.every((other) => box[0] >= other[2] || other[0] >= box[2] || box[1] >= other[3] || other[1] >= box[3]);
      if (free) boxes.push(box);
      if (label.sprite.visible === free) continue;
      label.sprite.visible = free;
      changed = true;
    }
    return changed;
  }

  function addPose(viewer, pose, number, shown, labels) {
    const model = viewer.addModel(pose.sdf, "sdf");
    model.setStyle({}, { stick: { radius: 0.17, colorscheme: carbons(CARBONS[number % CARBONS.length]) } });
    hide(model);
    for (const line of pose.lines) {
      const colour = KINDS[line.kind];
      const [start, end] = [at(line.from), at(line.to)];
      const weak = line.kind === "hydrophobic";
      viewer.addCylinder({ start, end, radius: weak ? 0.03 : 0.06, dashed: true, dashLength: 0.2, gapLength: 0.15, color: colour });
      if (weak || !shown.labels) continue;
      const middle = { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2, z: (start.z + end.z) / 2 };
      labels.push(addLabel(viewer, line.text, 1, { position: middle, fontSize: 10, fontColor: "white", backgroundColor: colour, backgroundOpacity: 0.85, padding: 1 }));
    }
    return model;
  }

  function addPocket(viewer, scene, touched, bound, shown, colours, labels) {
    const shared = new Set(scene.shared);
    const pocket = viewer.addModel(scene.pocket, "pdb");
    pocket.setStyle({}, {});
    const scheme = carbons(POCKET);
    for (const name of touched) {
      const { serials, at: place, alone } = scene.residues[name];
      pocket.setStyle({ serial: serials }, alone ? { sphere: { radius: 0.55, colorscheme: scheme } } : { stick: { radius: 0.08, colorscheme: scheme } });
      if (!shown.labels) continue;
      labels.push(addLabel(viewer, name, bound.has(name) ? 0 : shared.has(name) ? 2 : 3, {
        position: at(place), fontSize: 11, fontColor: colours.ink, backgroundColor: colours.page, backgroundOpacity: 0.7,
        borderThickness: shared.has(name) ? 1 : 0, borderColor: colours.ink, padding: 2,
      }));
    }
    if (shown.surface) viewer.addSurface($3Dmol.SurfaceType.VDW, { opacity: 0.6, colorscheme: carbons("#dfe5ea") }, { model: pocket });
  }

  function draw(part, viewer, scene, shown) {
    const style = getComputedStyle(part.querySelector(".view"));
    const colours = { page: style.backgroundColor, ink: style.color };
    viewer.setBackgroundColor(colours.page);
    viewer.removeAllModels();
    viewer.removeAllLabels();
    viewer.removeAllShapes();
    viewer.removeAllSurfaces();
    const chosen = [...shown.poses].sort((one, other) => one - other).filter((number) => scene.poses[number].sdf);
    if (scene.backbone) viewer.addModel(scene.backbone, "pdb").setStyle({}, { cartoon: { color: CARTOON, opacity: 0.45 } });
    const touched = new Set(chosen.flatMap((number) => scene.poses[number].residues));
    const strong = chosen.flatMap((number) => scene.poses[number].lines).filter((line) => line.kind !== "hydrophobic");
    const labels = [];
    if (touched.size) addPocket(viewer, scene, touched, new Set(strong.map((line) => line.residue)), shown, colours, labels);
    if (scene.reference && shown.reference) {
      viewer.addModel(scene.reference, "pdb").setStyle({}, { stick: { radius: 0.09, color: REFERENCE } });
    }
    const models = chosen.map((number) => addPose(viewer, scene.poses[number], number, shown, labels));
    labels.sort((one, other) => one.rank - other.rank);
    let spreading = false;
    viewer.setViewChangeCallback(() => {
      if (spreading) return; // it is told of that, too
      spreading = true;
      if (spread(viewer, labels)) viewer.render();
      spreading = false;
    });
    viewer.render();
    part.dataset.drawn = chosen.length;
    for (const section of part.querySelectorAll("section[data-pose]")) {
      const number = Number(section.dataset.pose);
      section.hidden = Boolean(scene.poses[number].sdf) && !shown.poses.has(number);
    }
    return models;
  }

  function centre(viewer, models) {
    if (models.length) viewer.zoomTo({ model: models });
    viewer.zoom(0.75);
    viewer.render();
  }

  function begin(part, viewer, scene) {
    const first = scene.poses.findIndex((pose) => pose.sdf);
    const all = part.hasAttribute("data-overlaid");
    const shown = { poses: new Set(all ? scene.poses.keys() : [first]), labels: true, surface: false, reference: true };
    let models = draw(part, viewer, scene, shown);
    centre(viewer, models);
    const boxes = part.querySelectorAll(".pose-choice input");
    for (const box of boxes) box.checked = shown.poses.has(Number(box.dataset.pose));
    part.querySelector(".pose-choice").hidden = boxes.length < 2;
    part.querySelector(".pose-tools").hidden = false;
    part.addEventListener("change", (event) => {
      const number = Number(event.target.dataset.pose);
      if (event.target.checked) shown.poses.add(number);
      else shown.poses.delete(number);
      models = draw(part, viewer, scene, shown);
    });
    part.addEventListener("click", (event) => {
      const act = event.target.closest("[data-pose-act]")?.dataset.poseAct;
      if (act === "centre") centre(viewer, models);
      if (!act || act === "centre") return;
      shown[act] = !shown[act];
      event.target.setAttribute("aria-pressed", shown[act]);
      models = draw(part, viewer, scene, shown);
    });
    part.querySelector(".view").addEventListener("keydown", (event) => {
      const turn = { ArrowLeft: [-TURN, "y"], ArrowRight: [TURN, "y"], ArrowUp: [-TURN, "x"], ArrowDown: [TURN, "x"] }[event.key];
      const zoom = { "+": 1.15, "=": 1.15, "-": 1 / 1.15 }[event.key];
      if (turn) viewer.rotate(...turn);
      if (zoom) viewer.zoom(zoom);
      if (!turn && !zoom) return;
      event.preventDefault();
      viewer.render();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      if (part.isConnected) models = draw(part, viewer, scene, shown);
    });
  }

  async function show(part) {
    const scene = JSON.parse(part.querySelector('script[type="application/json"]').textContent);
    if (!scene.poses.some((pose) => pose.sdf)) {
      part.querySelector(".pose-left").hidden = true;
      return;
    }
    let viewer = null;
    try {
      if (!draws()) throw new Error("no WebGL");
      await loaded(part.dataset.library);
      if (!part.isConnected) return;
      $3Dmol.setSyncSurface(true); // its workers are made of text, which a page that guards itself doesn't allow
      viewer = $3Dmol.createViewer(part.querySelector(".view"), { backgroundColor: "white" });
    } catch {
      viewer = null;
    }
    if (!viewer) {
      part.querySelector(".view").hidden = true;
      part.querySelector(".pose-none").hidden = false;
      return;
    }
    viewers.set(part, viewer);
    begin(part, viewer, scene);
  }

  // Browsers have few contexts for drawing in 3D: those of scenes that are gone are given back.
  function tidy() {
    for (const [part, viewer] of viewers) {
      if (part.isConnected) continue;
      viewers.delete(part);
      viewer.getCanvas().getContext("webgl2")?.getExtension("WEBGL_lose_context")?.loseContext();
    }
  }

  function look() {
    tidy();
    for (const part of document.querySelectorAll(".scene:not([data-seen])")) {
      part.dataset.seen = "";
      show(part);
    }
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", look);
  else look();
  document.addEventListener("htmx:afterSettle", look);
})();
