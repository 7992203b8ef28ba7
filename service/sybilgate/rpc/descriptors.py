"""The contract as data: a descriptor set of every service and all it needs."""

from __future__ import annotations

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import Default

from sybilgate.rpc.server import SERVICES


def descriptor_set() -> FileDescriptorSet:
    """Every file, those it imports first, as protoc writes it."""
    found: dict[str, FileDescriptor] = {}
    for service in SERVICES:
        _collect(Default().FindServiceByName(service).file, found)
    whole = FileDescriptorSet()
    for file in found.values():
        proto = FileDescriptorProto()
        file.CopyToProto(proto)
        whole.file.append(proto)
    return whole


def _collect(file: FileDescriptor, found: dict[str, FileDescriptor]) -> None:
    for needed in file.dependencies:
        _collect(needed, found)
    found.setdefault(file.name, file)
