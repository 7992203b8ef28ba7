"""Build the bundled operator table: ``python -m sybilgate.reference.build PACKAGE_DIR``.

PACKAGE_DIR is the unpacked npm package ``@ip-location-db/asn`` (``asn-ipv4-num.csv`` and ``asn-ipv6-num.csv``).
Its licences are copied beside the table. The same package gives the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from pathlib import Path

from sybilgate.core.enrichment import OperatorClass
from sybilgate.reference.asn import Row, encode
from sybilgate.reference.operators import operator_class

DATA = Path(__file__).resolve().parent.parent / "data"
LICENCES = ("DBIP-LICENSE", "ROUTEVIEWS-LICENSE", "NRO_LICENSE", "MODIFICATIONS")


def read_rows(path: Path, classes: dict[int, OperatorClass]) -> list[Row]:
    """Sorted rows of one file; the class of every AS named in it is added to ``classes``."""
    rows: list[Row] = []
    with path.open(encoding="utf-8", newline="") as file:
        for first, last, number, name in csv.reader(file):
            rows.append((int(first), int(last), int(number)))
            if int(number) not in classes:
                classes[int(number)] = operator_class(int(number), name)
    return sorted(rows)


def build(package: Path, data: Path) -> int:
    """Write ``asn.xz`` and the licences into ``data``; the size of the table in bytes."""
    classes: dict[int, OperatorClass] = {}
    families = {family: read_rows(package / f"asn-ipv{family}-num.csv", classes) for family in (4, 6)}
    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    table = encode(families, classes, version)
    (data / "LICENSES").mkdir(parents=True, exist_ok=True)
    (data / "asn.xz").write_bytes(table)
    for name in LICENCES:
        (data / "LICENSES" / name).write_bytes((package / name).read_bytes())
    return len(table)


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Build the bundled operator table.")
    parser.add_argument("package", type=Path, help="unpacked @ip-location-db/asn")
    parser.add_argument("--data", type=Path, default=DATA, help="where to write")
    chosen = parser.parse_args(arguments)
    print(f"asn.xz: {build(chosen.package, chosen.data):,} bytes")


if __name__ == "__main__":
    main()
