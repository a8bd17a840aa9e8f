"""Imports what commands import, once for the processes of all cases."""

import importlib
import pkgutil

import molgen

for module in pkgutil.walk_packages(molgen.__path__, "molgen."):
    if not module.name.startswith("molgen.cluster.head"):
        importlib.import_module(module.name)
