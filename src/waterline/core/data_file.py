"""Data files that are shipped with the package, as plain data."""

from __future__ import annotations

from importlib import resources
from typing import Any


def data_file(package: str, *path: str) -> Any:
    """A YAML file below a package, by the C parser where there is one: ``data_file("waterline.web", "openapi.yaml")``.

    For files of our own only; those that users write go through `waterline.facts.document`.
    """
    import yaml

    text = resources.files(package).joinpath(*path).read_text("utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
