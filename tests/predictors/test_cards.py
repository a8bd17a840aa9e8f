"""Damaged and hostile model files: one line that names the file, and no code but molgen's runs."""

import copy
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from molgen import trust
from molgen.chem.tokens import Vocabulary
from molgen.config import build
from molgen.data.affinity import Pairs
from molgen.data.dataset import Dataset
from molgen.errors import CheckpointError, ConfigError, MolgenError
from molgen.generators.diffusion import Diffusion
from molgen.generators.graph_gan import GraphGAN
from molgen.generators.graph_vae import GraphVAE
from molgen.generators.latent_gan import LatentGAN
from molgen.generators.piece_vocabulary import PieceVocabulary
from molgen.generators.recurrent import Recurrent
from molgen.generators.shipped import load_generator
from molgen.generators.transformer import Transformer
from molgen.learn.checkpoint import load_tensors, save_tensors
from molgen.learn.trainer import Trainer
from molgen.predictors.affinity import AffinityPredictor
from molgen.predictors.boosted import Boosted
from molgen.predictors.deepchem import DeepChem
from molgen.predictors.graph_network import GraphNetwork
from molgen.predictors.pair_network import PairSettings
from molgen.predictors.shipped import load_predictor
from molgen.predictors.trees import Trees, check_text
from molgen.signatures import locate

ALCOHOLS = ["CO", "CCO", "CCCO", "CC(C)O", "OCCO", "OC1CC1", "Oc1ccccc1", "OCC#N"]
ASKED = ["CCO", "Oc1ccccc1C(=O)O", "C1CCNCC1"]
KINDS = (
    "boosted",
    "graph_network",
    "deepchem",
    "affinity",
    "pka",
    "transformer",
    "recurrent",
    "vae",
    "diffusion",
    "gan",
    "latent",
)
ABOUT = {"class", "format", "parameters"}  # what isn't a setting, and is tried by tests of its own
Model = tuple[dict[str, torch.Tensor], dict[str, Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cards")


@pytest.fixture(scope="module")
def files(boosted: Boosted, measured: Dataset, pairs: Pairs, folder: Path) -> dict[str, Path]:
    """A small model of every kind that can be saved."""
    graph = GraphNetwork(Trainer("", epochs=1), members=2, width=8, channels=8, layers=1)
    zoo = DeepChem(members=2, epochs=1, model_settings={"n_features": 64, "layer_sizes": [8]}, featurizer_settings={"size": 64})
    for predictor in (graph, zoo):
        predictor.fit(measured.take(range(60)))
    affinity = AffinityPredictor(
        Trainer(str(folder / "affinity"), epochs=1, warmup_steps=2), network=PairSettings(width=8), members=1
    )
    affinity.fit(pairs)
    transformer, recurrent = Transformer(width=16, layers=1, heads=2, max_length=20), Recurrent(width=16, embedding=8)
    for text in (transformer, recurrent):
        text.initialize(Vocabulary.from_smiles(ALCOHOLS))
    vae, diffusion, gan = (
        GraphVAE(width=16, layers=1, latent=4),
        Diffusion(width=16, layers=1, longest=12),
        GraphGAN(width=16, layers=1),
    )
    for pieces in (vae, diffusion):
        pieces.initialize(PieceVocabulary.of(ALCOHOLS, 1))
    diffusion.remember_skeletons(diffusion.vocabulary.writable(ALCOHOLS, 12), ALCOHOLS)
    gan.initialize([("C", 0), ("O", 0), ("N", 1)])
    gan.network.sizes[3:6] = 1
    vae.save(folder / "vae.safetensors")
    latent = LatentGAN(vae=str(folder / "vae.safetensors"), noise=4, width=8)
    latent.begin()
    made: dict[str, Any] = {"boosted": boosted, "graph_network": graph, "deepchem": zoo, "affinity": affinity}
    made |= {"pka": load_predictor("pka"), "transformer": transformer, "recurrent": recurrent, "vae": vae}
    made |= {"diffusion": diffusion, "gan": gan, "latent": latent}
    for name, model in made.items():
        model.save(folder / f"{name}.safetensors")
    return {name: folder / f"{name}.safetensors" for name in made}


def said(path: Path, kind: str) -> Any:
    """What a file makes of it, as something that can be compared."""
    if kind in KINDS[:5]:
        found = load_predictor(str(path)).predict(ASKED, "K0" if kind == "affinity" else None)
        parts = np.stack([found.mean, found.std, found.low, found.high, found.similarity, found.in_endpoint_domain])
        return np.nan_to_num(parts, nan=-999.0).tolist()  # nan equals nothing
    return load_generator(str(path)).sample(5, seed=1)


def said_or_line(path: Path, kind: str) -> Any:
    """What a file makes of `ASKED`, or the error that molgen raised on purpose; any other error goes through."""
    try:
        return said(path, kind)
    except (CheckpointError, ConfigError) as error:
        return str(error)


def places(card: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where anything stands in a card; of long lists the first items."""
    pairs = card.items() if isinstance(card, dict) else enumerate(card[:2]) if isinstance(card, list) else ()
    for key, value in pairs:
        if above or key not in ABOUT:
            yield (*above, key)
            yield from places(value, (*above, key))


def at(card: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        card = card[key]
    return card


WRONG: tuple[Any, ...] = (None, True, "x", 3, -0.5, math.nan, [], [1, "x"], {}, {"_target_": "os.system"})


def is_another_type(old: Any, new: Any) -> bool:
    number = (int, float)
    if old is None and type(new) in (int, float, str):
        return False  # where there may be none there may be one
    return type(old) is not type(new) and not (type(old) in number and type(new) in number and not math.isnan(new))


def damage(model: Model, draw: Callable[..., Any]) -> Model:
    tensors, card = dict(model[0]), copy.deepcopy(model[1])
    if draw(st.booleans()):
        place = draw(st.sampled_from(list(places(card))))
        parent, old = at(card, place[:-1]), at(card, place)
        how = draw(st.sampled_from(("remove", "replace", "add")))
        if "weights" in place[:-1] and how == "remove":
            how = "replace"  # a sum of kernels may have fewer
        if how == "remove":
            del parent[place[-1]]
        elif how == "add" and isinstance(old, dict):
            old["surprise"] = draw(st.sampled_from(WRONG))
        elif how == "add" and isinstance(old, list):
            old.append({"surprise": 1})
        else:
            parent[place[-1]] = draw(st.sampled_from([new for new in WRONG if is_another_type(old, new)]))
    else:
        name = draw(st.sampled_from(sorted(tensors)))
        value = tensors.pop(name)
        ways: dict[str, Callable[[], torch.Tensor | None]] = {
            "drop": lambda: None,
            "shorten": lambda: value[:-1] if value.ndim else None,
            "repeat": lambda: torch.cat([value, value]) if value.ndim else value[None],
            "another dimension": lambda: value[None],
            "empty": lambda: value.flatten()[:0],
            "nan": lambda: torch.full_like(value, torch.nan) if value.is_floating_point() else None,
            "whole numbers": lambda: value.to(torch.int64) if value.is_floating_point() else value.float() + 0.5,
        }
        new = ways[draw(st.sampled_from(sorted(ways)))]()
        if new is not None:
            tensors[name] = new
    return tensors, card


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_model_is_one_line_or_says_what_it_said(files: dict[str, Path], kind: str, folder: Path) -> None:
    model, right = load_tensors(files[kind]), said(files[kind], kind)
    number = iter(range(10**6))

    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        path = folder / f"{kind}-{next(number)}.safetensors"
        save_tensors(path, *damage(model, data.draw))
        found = said_or_line(path, kind)
        path.unlink()
        path.with_suffix(".json").unlink()
        if isinstance(found, str):
            assert "\n" not in found
            assert str(path) in found
        else:
            np.testing.assert_equal(found, right)

    check()


def save_card(path: Path, files: dict[str, Path], kind: str, **changes: Any) -> Path:
    """The file of a kind with other entries in its card, those of `settings` among the settings."""
    tensors, card = load_tensors(files[kind])
    card["settings"] |= changes.pop("settings", {})
    save_tensors(path, tensors, card | changes)
    return path


def test_a_card_of_molgen_0_1_makes_the_same_model(files: dict[str, Path], tmp_path: Path) -> None:
    """Trees and machine had other names for the same settings then."""
    right, card = said(files["boosted"], "boosted"), load_tensors(files["boosted"])[1]
    old = {
        "trees": {"number": 30, "learning_rate": 0.06, "leaves": 31, "min_leaf": 10, "feature_fraction": 0.1,
                  "row_fraction": 0.8, "l2": 1.0, "loss": "l1"},
        "machine": {"cost": 3.0, "gamma": 0.2, "tube": 0.1},
    }  # fmt: skip
    path = save_card(tmp_path / "model.safetensors", files, "boosted", settings=old)
    assert said(path, "boosted") == right
    predictor = load_predictor(str(path))
    assert isinstance(predictor, Boosted)
    assert predictor.to_saved()[1]["settings"] == card["settings"]
    both = save_card(tmp_path / "both.safetensors", files, "boosted", settings={"machine": old["machine"] | {"C": 3.0}})
    with pytest.raises(CheckpointError, match=r"settings\.machine\.C is there under two names"):
        load_predictor(str(both))


@pytest.mark.parametrize(
    "name",
    [
        "subprocess.Popen",
        "os.system",
        "evil.Evil",
        "molgen.own_code.{folder}.evil.Evil",
        "{path}/evil.py:Evil",
        "molgen./../{path}/evil.py:Evil",
        "molgen.learn.shipped.Path",
        "molgen.predictors.base.Predictor",
        "molgen.predictors.fold_ensemble.FoldEnsemble",
        "molgen.predictors.boosted.Trees",
        "molgen.predictors.shipped.Predictor",
        "molgen..evil",
        "",
        7,
        None,
    ],
)
def test_a_card_names_only_what_ships(name: Any, files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marker = tmp_path / "it-ran"
    (tmp_path / "evil.py").write_text(f"open({str(marker)!r}, 'w')\nclass Evil:\n    pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    if isinstance(name, str):
        name = name.format(folder=str(tmp_path).encode().hex(), path=tmp_path)
    path = save_card(tmp_path / "model.safetensors", files, "boosted", **{"class": name})
    for load in (load_predictor, load_generator):
        with pytest.raises(CheckpointError) as error:
            load(str(path))
        assert str(path) in str(error.value)
    assert not marker.exists()


def test_a_package_that_the_user_trusts_may_be_named(
    files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "my_models.py").write_text("from molgen.predictors.boosted import Boosted\nclass Mine(Boosted):\n    pass\n")
    path = save_card(tmp_path / "model.safetensors", files, "boosted", **{"class": "my_models.Mine"})
    with pytest.raises(CheckpointError, match=r"add trust=\[my_models\]$"):
        load_predictor(str(path))
    monkeypatch.setenv(trust.VARIABLE, "my_models")
    assert type(load_predictor(str(path))).__name__ == "Mine"


def test_a_model_of_a_file_of_ones_own_comes_back_where_it_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_models.py").write_text(
        "from molgen.generators.recurrent import Recurrent\nclass Mine(Recurrent):\n    pass\n"
    )
    monkeypatch.setenv(trust.VARIABLE, "my_models")
    made = build({"_target_": f"{tmp_path}/my_models.py:Mine", "width": 16, "embedding": 8})
    made.initialize(Vocabulary.from_smiles(ALCOHOLS))
    made.save(tmp_path / "mine.safetensors")
    assert load_generator(str(tmp_path / "mine.safetensors")).sample(5, seed=1) == made.sample(5, seed=1)
    monkeypatch.setenv(trust.VARIABLE, "")
    with pytest.raises(CheckpointError, match=r"my_models\.py is code that would run.*trust=\[my_models\]$"):
        load_generator(str(tmp_path / "mine.safetensors"))


@pytest.mark.parametrize(
    "changes",
    [
        {"featurizer": "subprocess.Popen", "featurizer_settings": {"args": ["touch", "{marker}"]}},
        {"featurizer": "deepchem.feat.mol_graphs.np.save", "featurizer_settings": {"file": "{marker}", "arr": [1]}},
        {"featurizer": "deepchem.data.CSVLoader"},
        {"featurizer": "deepchem.feat.Featurizer"},
        {"featurizer": "deepchem.feat.logger.Logger"},
        {"featurizer": "deepchem.feat.Mol2VecFingerprint"},
        {"featurizer": "deepchem.feat.PubChemFingerprint"},
        {"featurizer": "deepchem.feat.UserDefinedFeaturizer", "featurizer_settings": {"feature_fields": ["{marker}"]}},
        {"model": "subprocess.Popen", "model_settings": {"args": ["touch", "{marker}"]}},
        {"model": "deepchem.models.torch_models.TorchModel"},
        {"model": "deepchem.feat.CircularFingerprint"},
        {"model_settings": {"n_features": 64, "layer_sizes": [8], "model_dir": "{marker}"}},
        {"model_settings": {"n_features": 64, "layer_sizes": [8], "tensorboard": True}},
        {"model_settings": {"n_features": 64, "layer_sizes": [8], "wandb": True}},
        {"model_settings": {"n_features": 64, "layer_sizes": [8], "activation_fns": "torch"}},
        {"model_settings": {"n_features": 64, "layer_sizes": [8], "optimizer": {"_target_": "os.mkdir", "path": "{marker}"}}},
        {"model_settings": {"n_features": 10**12, "layer_sizes": [8]}},
        {"model_settings": {"n_features": 3000, "layer_sizes": [3000] * 50}},
        {"featurizer_settings": {"size": 10**12}},
        {"featurizer_settings": {"size": 128}},
    ],
)  # fmt: skip
def test_deepchem_in_a_card_runs_nothing_but_its_models(changes: dict[str, Any], files: dict[str, Path], tmp_path: Path) -> None:
    marker = tmp_path / "it-ran"
    changes = json.loads(json.dumps(changes).replace("{marker}", str(marker)))
    path = save_card(tmp_path / "model.safetensors", files, "deepchem", settings=changes)
    with pytest.raises(CheckpointError) as error:
        load_predictor(str(path))
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)
    assert not marker.exists()


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("transformer", {"width": 10**12}),
        ("transformer", {"width": 50_000, "layers": 900}),
        ("transformer", {"max_length": 10**9}),
        ("recurrent", {"recurrent_layers": 10**9}),
        ("vae", {"latent": 90_000}),
        ("diffusion", {"longest": 10**7}),
        ("gan", {"largest": 99_999}),
        ("latent", {"noise": 10**11}),
        ("graph_network", {"members": 10**9}),
        ("graph_network", {"width": 10**12}),
        ("affinity", {"members": 10**9}),
    ],
)
def test_sizes_in_a_card_are_compared_with_the_file_before_memory_is_taken(
    kind: str, changes: dict[str, Any], files: dict[str, Path], tmp_path: Path
) -> None:
    path = save_card(tmp_path / "model.safetensors", files, kind, settings=changes)
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        said(path, kind)


def test_a_latent_gan_in_its_own_space_is_refused(files: dict[str, Path], tmp_path: Path) -> None:
    path = save_card(tmp_path / "model.safetensors", files, "latent", settings={"vae": str(tmp_path / "model.safetensors")})
    with pytest.raises(CheckpointError, match="is not a GraphVAE"):
        load_generator(str(path))


@pytest.mark.parametrize("content", ["[]", "7", "{", "nan", '{"class": {}}', "[" * 10_000])
def test_a_card_that_is_no_object_is_refused(content: str, tmp_path: Path) -> None:
    from safetensors.torch import save

    path = tmp_path / "model.safetensors"
    path.write_bytes(save({"x": torch.ones(2)}, metadata={"card": content}))
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        load_predictor(str(path))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("left_child=", "left_child=99999 "),
        ("num_leaves=", "num_leaves=9"),
        ("split_feature=", "split_feature=5000000 "),
        ("num_cat=0", "num_cat=3"),
        ("right_child=", "right_child=0 "),
        ("leaf_value=", "leaf_value=nan "),
        ("max_feature_idx=", "max_feature_idx=1"),
        ("Tree=0", "Tree"),
        ("threshold=", "thresholds="),
    ],
)
def test_trees_that_lead_beyond_their_nodes_never_reach_lightgbm(old: str, new: str) -> None:
    x = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
    booster = Trees(n_estimators=3, min_child_samples=1).fit(x, x[:, 0].astype(float), "regression", 0)
    text = booster.booster.model_to_string()
    check_text(text, 4)
    damaged = text.replace(old, new, 1)
    if old in ("left_child=", "right_child=", "split_feature=", "leaf_value="):  # as many numbers as before
        line = next(line for line in damaged.splitlines() if line.startswith(old))
        damaged = damaged.replace(line, line.rsplit(" ", 1)[0])
    with pytest.raises(CheckpointError):
        check_text(damaged, 4)


@pytest.mark.parametrize("kind", ["Boosted", "DeepChem", "Pka", "AffinityPredictor", "GraphNetwork"])
def test_a_predictor_that_has_learnt_nothing_says_so(kind: str, tmp_path: Path) -> None:
    homes = {"Boosted": "boosted", "DeepChem": "deepchem", "Pka": "pka.predictor", "AffinityPredictor": "affinity"}
    made = locate(f"molgen.predictors.{homes.get(kind, 'graph_network')}.{kind}")
    predictor = made(Trainer("")) if kind in ("AffinityPredictor", "GraphNetwork") else made()
    from rdkit import Chem

    calls: list[Callable[[], Any]] = [
        lambda: predictor.predict(["CCO"], "K0" if kind == "AffinityPredictor" else None),
        lambda: predictor.attribute(Chem.MolFromSmiles("CCO"), "x", "K0" if kind == "AffinityPredictor" else None),
        lambda: predictor.save(tmp_path / "x.safetensors"),
    ]
    for call in calls:
        with pytest.raises(MolgenError, match="learnt nothing"):
            call()
    assert not (tmp_path / "x.safetensors").exists()
