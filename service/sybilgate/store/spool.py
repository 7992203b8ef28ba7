"""The spool: what was acknowledged while the database was away, in files of this machine.

A file is a row of records, each its length, its CRC-32 and its bytes. ``append`` returns once they are on the disk. A
process writes files of its own, under a lock that ends with it, and takes over those that a dead one left behind. Names
begin with a mark of the database, so that two databases may share a folder. Files hold what the database would: account
ids and keyed hashes, nothing in the clear; nobody but the owner may read them.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import secrets
import struct
import threading
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)
_HEAD = struct.Struct(">IIH")
_SUFFIX, _DAMAGED, _REJECTED = ".spool", ".damaged", ".rejected"


@dataclass
class _Segment:
    """One open, locked file; ``ends`` are the ends of its records that still wait."""

    path: Path
    handle: int
    size: int = 0
    spans: deque[tuple[str, int, int]] = field(default_factory=deque)

    def read(self, start: int, length: int) -> bytes:
        return os.pread(self.handle, length, start)

    def close(self, remove: bool) -> None:
        if remove:
            self.path.unlink(missing_ok=True)
        os.close(self.handle)


class FileSpool:
    """Safe to share between threads. Order is kept; ``limit`` bounds the bytes of all files."""

    def __init__(self, folder: Path, database: str, limit: int) -> None:
        self._folder, self._limit = folder, limit
        self._mark = hashlib.sha256(database.encode()).hexdigest()[:12]
        self._lock = threading.Lock()
        self._segments: deque[_Segment] = deque()
        self._own: _Segment | None = None
        self._where: dict[str, tuple[_Segment, int, int]] = {}
        self.adopt()

    def __len__(self) -> int:
        """Records that wait."""
        return len(self._where)

    def adopt(self) -> None:
        """Take over the files of processes that are gone."""
        with self._lock:
            known = {segment.path for segment in self._segments}
            for path in sorted(self._folder.glob(f"{self._mark}-*{_SUFFIX}")):
                if path not in known and (segment := _take(path)) is not None:
                    self._segments.append(segment)
                    self._where |= {key: (segment, start, length) for key, start, length in segment.spans}

    def append(self, records: Sequence[tuple[str, bytes]]) -> None:
        """Keep (key, bytes) pairs. Raises OSError, and keeps none of them, if the disk or the bound is full."""
        packed = [_pack(key, body) for key, body in records]
        with self._lock:
            size = sum(map(len, packed))
            if sum(segment.size for segment in self._segments) + size > self._limit:
                raise OSError("the spool has reached its bound")
            segment = self._own or self._open()
            _write(segment, b"".join(packed))
            for (key, body), record in zip(records, packed, strict=True):
                start = segment.size + len(record) - len(body)
                segment.spans.append((key, start, len(body)))
                self._where[key] = (segment, start, len(body))
                segment.size += len(record)

    def find(self, key: str) -> bytes | None:
        """The record of ``key``, if it waits."""
        if key not in self._where:
            return None
        with self._lock:
            found = self._where.get(key)
            return found[0].read(*found[1:]) if found else None

    def head(self, limit: int) -> list[tuple[str, bytes]]:
        """The oldest records that wait."""
        with self._lock:
            for segment in self._segments:
                if segment.spans:
                    spans = [segment.spans[i] for i in range(min(limit, len(segment.spans)))]
                    return [(key, segment.read(start, length)) for key, start, length in spans]
        return []

    def drop(self, keys: Sequence[str]) -> None:
        """Forget records of the head; a file goes with its last one. Until then a crash brings all of it back."""
        gone = set(keys)
        with self._lock:
            for segment in list(self._segments):
                while segment.spans and segment.spans[0][0] in gone:
                    self._where.pop(segment.spans.popleft()[0], None)
                if not segment.spans:
                    self._segments.remove(segment)
                    self._own = None if segment is self._own else self._own
                    segment.close(remove=True)

    def reject(self, key: str) -> None:
        """Put the oldest record aside, in a file for people; nothing reads it again."""
        body = self.find(key)
        path = self._folder / f"{self._mark}-{secrets.token_hex(4)}{_REJECTED}"
        path.write_bytes(body or b"")
        self.drop([key])
        log.error("an event that was acknowledged cannot be stored: it lies in %s", path.name)

    def close(self) -> None:
        """Let go of the files; what waits in them stays for the next process."""
        with self._lock:
            for segment in self._segments:
                segment.close(remove=not segment.spans)
            self._segments.clear()
            self._where.clear()
            self._own = None

    def _open(self) -> _Segment:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{self._mark}-{secrets.token_hex(8)}{_SUFFIX}"
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        _sync_folder(self._folder)
        self._own = _Segment(path, handle)
        self._segments.append(self._own)
        return self._own


def _pack(key: str, body: bytes) -> bytes:
    name = key.encode()
    return _HEAD.pack(len(body), zlib.crc32(name + body), len(name)) + name + body


def _write(segment: _Segment, data: bytes) -> None:
    """Write and sync, or leave the file as it was."""
    try:
        done = 0
        while done < len(data):
            done += os.pwrite(segment.handle, data[done:], segment.size + done)
        os.fsync(segment.handle)
    except OSError:
        os.ftruncate(segment.handle, segment.size)
        raise


def _take(path: Path) -> _Segment | None:
    """The file, locked and read; None if its process lives or nothing is in it."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    segment = _Segment(path, handle)
    data = path.read_bytes()
    for key, start, length in _records(data):
        segment.spans.append((key, start, length))
        segment.size = start + length
    if segment.size < len(data):
        # Never acknowledged, because the sync did not return; kept all the same, should it have been the disk.
        log.error("%s: the last %d bytes are no record", path.name, len(data) - segment.size)
        path.with_suffix(_DAMAGED).write_bytes(data[segment.size :])
        os.ftruncate(handle, segment.size)
    if segment.spans:
        return segment
    segment.close(remove=True)
    return None


def _records(data: bytes) -> Iterator[tuple[str, int, int]]:
    """(key, start, length) of the records up to the first that is broken."""
    at = 0
    while at + _HEAD.size <= len(data):
        length, check, named = _HEAD.unpack_from(data, at)
        start = at + _HEAD.size + named
        if start + length > len(data) or zlib.crc32(data[at + _HEAD.size : start + length]) != check:
            return
        yield data[at + _HEAD.size : start].decode(), start, length
        at = start + length


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
