"""Packages that are installed only as extras."""

PACKAGES = {"ray": "cluster", "optuna": "sweeps", "deepchem": "deepchem", "fcd": "distribution"}  # -> extra of molgen-design
PACKAGES |= dict.fromkeys(("onnx", "onnxruntime", "onnxscript"), "onnx")


def hint(error: ImportError) -> str:
    """Which extra to install if an import failed for lack of it; empty if it failed otherwise."""
    package = (error.name or "").partition(".")[0]
    if package not in PACKAGES or not isinstance(error, ModuleNotFoundError):
        return ""
    return f"{package} is missing: pip install 'molgen-design[{PACKAGES[package]}]'"
