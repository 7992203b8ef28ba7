"""The kind of a network operator, from its AS number and name. First match wins; no match is UNKNOWN."""

from __future__ import annotations

import re

from sybilgate.core.enrichment import OperatorClass

_C = OperatorClass
#: Operators whose name misleads or says nothing.
_BY_NUMBER: dict[int, OperatorClass] = {
    16509: _C.HOSTING, 14618: _C.HOSTING, 15169: _C.HOSTING, 396982: _C.HOSTING, 8075: _C.HOSTING, 13335: _C.HOSTING,
    20473: _C.HOSTING, 9009: _C.HOSTING, 6939: _C.HOSTING, 212238: _C.HOSTING, 60068: _C.HOSTING, 45102: _C.HOSTING,
    132203: _C.HOSTING, 31898: _C.HOSTING, 36351: _C.HOSTING, 174: _C.BUSINESS, 2914: _C.BUSINESS, 1299: _C.BUSINESS,
    16591: _C.RESIDENTIAL, 7018: _C.RESIDENTIAL, 2856: _C.RESIDENTIAL, 12322: _C.RESIDENTIAL, 4766: _C.RESIDENTIAL,
    21928: _C.MOBILE, 20057: _C.MOBILE, 22394: _C.MOBILE, 6167: _C.MOBILE, 55836: _C.MOBILE, 9644: _C.MOBILE,
    714: _C.BUSINESS, 6185: _C.BUSINESS, 36183: _C.VPN, 39351: _C.VPN, 62371: _C.VPN, 209103: _C.VPN, 199218: _C.VPN,
    60729: _C.TOR, 205100: _C.TOR, 208323: _C.TOR, 4224: _C.TOR, 62744: _C.TOR, 198093: _C.TOR, 396507: _C.TOR,
}  # fmt: skip
_BY_NAME: tuple[tuple[OperatorClass, str], ...] = (
    (
        _C.TOR,
        r"\btor\b.*(exit|relay|node)|torservers|emerald onion|calyx institute|applied privacy|f3 netze"
        r"|zwiebelfreunde|quintex|artikel10|nos oignons|cyberology|relayon|\bdfri\b|for privacy services|1aeo",
    ),
    (
        _C.VPN,
        r"vpn|mullvad|31173 services|packethub|tefincom|proton ag|surfshark|windscribe|privado"
        r"|ipvanish|anchorfree"
        r"|hide\.?me|perfect privacy|ovpn|cyberghost|\bzscaler\b",
    ),
    (_C.RESIDENTIAL, r"google fiber"),
    (
        _C.HOSTING,
        r"host(ing|er|inger|gator|wind|papa|royale|us\b)|\bhosts?\b|cloud|server|data ?cent|datacamp"
        r"|\bvps|\bvds\b|coloc"
        r"|colo\b|dedicated|digitalocean|\bovh\b|hetzner|linode|akamai|amazon|alibaba|tencent|vultr"
        r"|choopa|leaseweb"
        r"|contabo|\bm247\b|scaleway|online s\.a\.s|equinix|rackspace|godaddy|namecheap|ionos|strato "
        r"|fastly|\bcdn|stackpath"
        r"|quadranet|psychz|colocrossing|hivelocity|servers?\.com|datapacket|cogent|zenlayer|gthost"
        r"|frantech|buyvm"
        r"|aeza|stark industries|selectel|timeweb|beget|infomaniak|oracle|ibm cloud|byteplus"
        r"|volcano engine|kamatera"
        r"|interserver|dreamhost|internap|tzulo|performive|webnx|nforce|serverius|worldstream"
        r"|virtuozzo|railway|fly\.io",
    ),
    (
        _C.EDUCATION,
        r"universi|college|school|\bedu|academ|institut[eo]? of tech|polytech|hochschule|fachhoch"
        r"|ecole|escuela|facult"
        r"|research (and|&) education|education|\bjisc\b|renater|\bgarr\b|\bsurf b|heanet|\bcenic\b"
        r"|merit network|\bmcnc\b"
        r"|rediris|internet2|\bdfn\b|deutschen forschungs|\bswitch\b|aarnet|canarie|uninett|sunet"
        r"|campus|student|iucc",
    ),
    (
        _C.MOBILE,
        r"mobil|cellular|\bcellco|\bjio\b|turkcell|vodacom|safaricom|\bmtn\b|docomo|megafon|vimpelcom"
        r"|\bmts\b|selular"
        r"|indosat|eastone|cell c\b|\bncell|celcom|\bmaxis|smartfren|digicel|\bzain\b|ooredoo|sk telecom|airtel"
        r"|\bgsm\b|wind tre|p4 sp|kyivstar|lifecell|\bdtac\b|iran cell|telcel|\b[345]g\b|\blte\b"
        r"|personal communication",
    ),
    (
        _C.RESIDENTIAL,
        r"tele(com|kom|fon|phone|comun|net|via|nor|media|star|2)|telia|tel[eé]f|communicat|comunica"
        r"|kommunik|cable|kabel"
        r"|broadband|fib(er|re)|fibra|internet|\bdsl\b|\bisp\b|comcast|charter|\bcox\b|spectrum"
        r"|verizon|at&t|centurylink"
        r"|frontier|orange|vodafone|bouygues|chinanet|unicom|wireless|netcom|wisp\b|\bbtv?\b"
        r"|virgin media|\bkpn\b|proximus"
        r"|swisscom|sunrise|rogers|shaw|videotron|telus|telstra|optus|\btpg\b|kddi|softbank|biglobe"
        r"|\bvnpt\b|viettel|\bfpt\b"
        r"|claro|movistar|entel|\bvtr\b|\bnet\b|networks? provider|provedor|banda larga|\brcn\b"
        r"|\btelco|online|pppoe|telmex"
        r"|uninet|\bdigi\b|\bupc\b|ziggo|odido|\bote\b|rostelecom|\bttk\b|satel|starlink|viasat"
        r"|hughes|rural|electric coop",
    ),
    (
        _C.BUSINESS,
        r"\bbank|banco|banque|insuranc|financ|capital|government|\bgov|ministr|minister|department"
        r"|defen[cs]e|\bdod\b"
        r"|hospital|clinic|health|pharma|motor|city of|county|\bstate of|municip|police|\bcourt"
        r"|holding|industr|energy"
        r"|electric|\boil\b|petrol|airline|airport|railway|logist|insur|consult|securit|retail|stores"
        r"|foods?\b|media",
    ),
)
_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _BY_NAME)


def operator_class(number: int, name: str) -> OperatorClass:
    """Class of the operator of an AS."""
    fixed = _BY_NUMBER.get(number)
    if fixed is not None:
        return fixed
    return next((kind for kind, pattern in _PATTERNS if pattern.search(name)), OperatorClass.UNKNOWN)
