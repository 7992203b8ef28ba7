"""Rebuilds the two small tables under ``data/`` from the public packages they are derived from.

    python -m sybilgate.simulate.build_tables ASN_CSV_FOLDER USER_AGENTS_JSON OUTPUT_FOLDER

ASN_CSV_FOLDER holds ``asn-ipv4.csv`` and ``asn-ipv6.csv`` of npm ``@ip-location-db/asn``; the JSON is that
of npm ``user-agents``. Not needed to simulate: it says where the committed tables come from.
"""

from __future__ import annotations

import csv
import ipaddress
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from iptocc import country_code

COUNTRIES = (
    "US IN BR GB DE FR CA AU JP KR ID PH VN NG PK BD TR PL IT ES NL SE UA RO MX AR CO EG ZA KE SG MY TH TW IL AE SA RU"
    " HK CN"
).split()
#: Operator classes in the order they are tried, by words in the name of the autonomous system.
CLASSES = (
    ("vpn", r"\bvpn\b|m247|datacamp|packethub|nordvpn|mullvad|express ?vpn|privado|proton|tefincom|31173"),
    (
        "hosting",
        r"amazon\.com|amazon data|google cloud|microsoft corp|digitalocean|hetzner|ovh|linode|vultr|constant company"
        r"|contabo|leaseweb|choopa|alibaba|tencent cloud|oracle corp|hosting|datacenter|data center|\bvps\b|\bserver"
        r"|cloud|colocation|scaleway|online s\.?a\.?s|hostinger|godaddy|ionos|strato|rackspace|\bhost",
    ),
    ("education", r"universi|college|institute of tech|politecn|hochschule|renater|janet|jisc|\bdfn\b|education"),
    (
        "mobile",
        r"mobile|wireless|cellular|t-mobile|jio|airtel|vodafone idea|verizon wireless|cellco|\bmtn\b|turkcell|vivo"
        r"|\btim\b|\bclaro|globe tele|smart comm|safaricom|telkomsel|kyivstar|megafon|ee limited|three|o2 |hutchison"
        r"|softbank|kddi|docomo|beeline|zong|grameen|robi|digi |maxis|celcom|orange polska|play|yoigo"
        r"|wind tre|iliad|bouygues",
    ),
    (
        "residential",
        r"comcast|charter|cox comm|verizon business|at&t|telecom|telekom|telef|broadband|cable|fib(er"
        r"|re)|orange|free sas"
        r"|proximus|ziggo|kpn|telia|telenor|virgin media|sky uk|british tele|talktalk|rogers|bell canada|telus|shaw"
        r"|telstra|optus|tpg|bharti|bsnl|telkom|pldt|converge|viettel|vnpt|fpt|ntt comm|jcom|biglobe"
        r"|korea|sk broad|lg u"
        r"|claro|telmex|izzi|totalplay|etb|movistar|telecentro|antel|chunghwa|turk|superonline|netia"
        r"|upc|liberty|fastweb"
        r"|rcs|digi|volia|rostelecom|ertelecom|er-telecom|mts|stc|etisalat|emirates int|bezeq|hot-net"
        r"|partner|true int|3bb|ais fibre"
        r"|singtel|starhub|m1 |hkt|pccw|hong kong broad|chinanet|china unicom|china169|zhone|mweb"
        r"|afrihost|ptcl|nayatel|link3|internet",
    ),
)
QUOTA = {"residential": 5, "mobile": 3, "hosting": 3, "education": 2, "vpn": 1}
PREFIXES = {"residential": 3, "mobile": 2, "hosting": 2, "education": 1, "vpn": 1}
#: Records kept per system: enough for the joint shape, small enough to ship.
RECORDS = {"ios": 130, "android": 130, "windows": 140, "mac": 100, "linux": 30}


def classify(name: str) -> str | None:
    """The operator class that the words of a name suggest; ``None`` when none does."""
    low = name.lower()
    if re.search(r"defen[cs]e|dod |dnic|ministry|government|department|headquarters|akamai|cloudflare|cdn", low):
        return None
    return next((kind for kind, words in CLASSES if re.search(words, low)), None)


def _ranges(path: Path) -> Iterator[tuple[Any, Any, str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        for first, last, asn, name in csv.reader(lines):
            yield ipaddress.ip_address(first), ipaddress.ip_address(last), asn, name


def networks(folder: Path) -> list[tuple[str, str, str, str, str]]:
    """(country, class, asn, prefix, name) for the largest operators of each class in each country."""
    found: dict[tuple[str, str], dict[tuple[str, str], list[Any]]] = defaultdict(lambda: defaultdict(list))
    for first, last, asn, name in _ranges(folder / "asn-ipv4.csv"):
        if int(last) - int(first) < 4095 or not (kind := classify(name)):
            continue
        for block in ipaddress.summarize_address_range(first, last):
            if block.prefixlen <= 20 and (country := country_code(str(block[0]))) in COUNTRIES:
                found[country, kind][asn, name].append(block)
    sixes: dict[str, str] = {}
    for first, last, asn, _ in _ranges(folder / "asn-ipv6.csv"):
        block = next(iter(ipaddress.summarize_address_range(first, last)))
        if 24 <= block.prefixlen <= 33 and (asn not in sixes):
            sixes[asn] = str(ipaddress.ip_network((int(first), max(32, block.prefixlen))))
    rows = []
    for (country, kind), operators in sorted(found.items(), key=lambda item: (COUNTRIES.index(item[0][0]), item[0][1])):
        largest = sorted(operators.items(), key=lambda item: -sum(b.num_addresses for b in item[1]))
        for (asn, name), blocks in largest[: QUOTA[kind]]:
            spread = sorted(blocks, key=lambda b: (b.prefixlen, int(b[0])))[: PREFIXES[kind]]
            prefixes = [str(b if b.prefixlen >= 16 else next(b.subnets(new_prefix=16))) for b in spread]
            if kind in ("residential", "mobile") and asn in sixes and country_code(sixes[asn].split("/")[0]) == country:
                prefixes.append(sixes[asn])
            rows += [(country, kind, asn, prefix, name[:24].strip()) for prefix in prefixes]
    return rows


def system_of(agent: str, platform: str) -> str | None:
    """The system a record belongs to; ``None`` where agent and platform contradict each other (emulators, bots)."""
    if "iPhone" in agent:
        return "ios" if platform == "iPhone" else None
    if "Android" in agent:
        return "android" if platform.startswith("Linux a") else None
    if "Macintosh" in agent:
        return "mac" if platform == "MacIntel" else None
    if "Windows NT 10" in agent:
        return "windows" if platform == "Win32" else None
    return "linux" if "X11; Linux" in agent and platform.startswith("Linux x86") else None


def browsers(path: Path) -> list[list[Any]]:
    """[system, weight, width, height, platform, user agent] of the heaviest consistent records of each system."""
    weights: dict[tuple[str, int, int, str, str], float] = defaultdict(float)
    for row in json.loads(path.read_text(encoding="utf-8")):
        agent = row["userAgent"]
        system = system_of(agent, row["platform"])
        if row["screenWidth"] == row["screenHeight"] or row["screenWidth"] == 800:
            continue  # what automated browsers report
        if (
            system
            and len(agent) < 190
            and not re.search(r"Headless|bot|Electron|compatible|HeyTap|Chrome.*Safari/605", agent)
        ):
            weights[system, row["screenWidth"], row["screenHeight"], row["platform"], agent] += row["weight"]
    kept: list[list[Any]] = []
    for system, quota in RECORDS.items():
        mine = sorted(((w, key) for key, w in weights.items() if key[0] == system), reverse=True)[:quota]
        kept += [[system, round(w * 1e6), key[1], key[2], key[3], key[4]] for w, key in mine]
    return kept


def main() -> None:
    """Write ``networks.csv`` and ``browsers.json``."""
    asn_folder, agents, output = (Path(argument) for argument in sys.argv[1:4])
    with (output / "networks.csv").open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(("country", "class", "asn", "prefix", "name"))
        writer.writerows(networks(asn_folder))
    text = ",\n".join(json.dumps(row, separators=(",", ":")) for row in browsers(agents))
    (output / "browsers.json").write_text(f"[{text}]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
