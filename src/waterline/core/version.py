"""The version of the package, as answers and manifests name it."""

__version__ = "0.1.0"
