"""Packages that are installed only where they are asked for."""

PACKAGES = {"ray": "cluster", "optuna": "sweeps", "deepchem": "deepchem", "fcd": "distribution"}  # -> extra of molgen-design


def hint(error: ImportError) -> str:
    """What to install where an import failed for want of an extra; empty where it failed otherwise."""
    package = (error.name or "").partition(".")[0]
    if package not in PACKAGES or not isinstance(error, ModuleNotFoundError):
        return ""
    return f"{package} is missing: pip install 'molgen-design[{PACKAGES[package]}]'"
