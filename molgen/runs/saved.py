"""Settings that molgen has saved as YAML in its folders, and reads again."""

from pathlib import Path
from typing import Any

import yaml

from molgen import renamed
from molgen.errors import CampaignError
from molgen.yaml_files import read_tree


def read_saved(path: Path) -> dict[str, Any]:
    """The mapping in a file, with the present names of its settings.

    Raises
    ------
    CampaignError
        It is missing or damaged.
    """  # noqa: DOC501 (raised by another function, or caught here)
    try:
        text = path.read_text(encoding="utf-8")
        if "*" in text:
            read_tree(text)
        found = yaml.safe_load(text)
    except OSError as error:
        raise CampaignError(f"{path}: can't be read ({error.strerror}); restore a copy") from error
    except (yaml.YAMLError, ValueError, RecursionError, TypeError, AttributeError) as error:
        raise damaged(path, (str(error).splitlines() or [type(error).__name__])[0]) from error
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise damaged(path, "it holds no settings")
    return renamed.current(found, str(path))  # type: ignore[no-any-return]


def damaged(path: Path, reason: str) -> CampaignError:
    """The error for a file that can't be gone on with."""
    return CampaignError(f"{path}: damaged ({reason}); restore a copy")
