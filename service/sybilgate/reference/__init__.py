"""Reference data: loading it, and answering the core's questions about it."""

from sybilgate.reference.bundle import BundledReference, load_reference

__all__ = ["BundledReference", "load_reference"]
