"""What differs from country to country: people, clocks, languages, mail, post codes, machines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from random import Random

from sybilgate.simulate.names import NAMES
from sybilgate.simulate.tables import Weighted

#: country | weight | zones | languages | names | local freemail | post code | mobile share, iOS of mobile, IPv6
_TABLE = """
US|24|America/New_York*5,America/Chicago*3,America/Los_Angeles*3,America/Denver*1|en-US*9,es-US*1|anglo*12,hispanic*4,indian*2,chinese*2|aol.com*2,comcast.net*1|#####|.45,.58,.5
IN|14|Asia/Kolkata|en-IN*5,en-US*3,hi-IN*2|indian|rediffmail.com*1|######|.68,.06,.65
BR|6|America/Sao_Paulo*8,America/Manaus*1|pt-BR|lusophone|uol.com.br*2,bol.com.br*1|#####-###|.6,.2,.45
GB|5|Europe/London|en-GB|anglo*9,indian*2,polish*1|btinternet.com*2|A## #AA|.45,.52,.4
DE|5|Europe/Berlin|de-DE*9,en-US*1|germanic*9,turkish*1|gmx.de*9,web.de*9,t-online.de*4|#####|.38,.38,.6
FR|4|Europe/Paris|fr-FR|french|orange.fr*7,free.fr*4,laposte.net*3|#####|.42,.35,.6
CA|3.5|America/Toronto*6,America/Vancouver*3|en-CA*7,fr-CA*2|anglo*7,french*3,chinese*2|rogers.com*1|A#A #A#|.44,.58,.4
AU|2.5|Australia/Sydney*6,Australia/Brisbane*2,Australia/Perth*1|en-AU|anglo*9,chinese*2|bigpond.com*3|####|.44,.58,.3
JP|4|Asia/Tokyo|ja-JP|japanese|yahoo.co.jp*20,docomo.ne.jp*6|###-####|.45,.66,.5
KR|3|Asia/Seoul|ko-KR|korean|naver.com*45,hanmail.net*8|#####|.5,.3,.2
ID|4|Asia/Jakarta*7,Asia/Makassar*2|id-ID*8,en-US*2|malay|yahoo.co.id*3|#####|.72,.08,.15
PH|3|Asia/Manila|en-PH*5,en-US*5|filipino|ymail.com*2|####|.66,.14,.15
VN|3.5|Asia/Ho_Chi_Minh|vi-VN*8,en-US*2|vietnamese|yahoo.com.vn*3|######|.6,.35,.55
NG|2.5|Africa/Lagos|en-NG*4,en-US*4,en-GB*2|african|ymail.com*2|######|.75,.1,.03
PK|2.5|Asia/Karachi|en-PK*3,en-US*5,ur-PK*2|southasian|ymail.com*1|#####|.7,.05,.2
BD|2|Asia/Dhaka|en-US*6,bn-BD*4|southasian|ymail.com*1|####|.72,.04,.1
TR|2.5|Europe/Istanbul|tr-TR|turkish|mynet.com*1|#####|.58,.22,.1
PL|2|Europe/Warsaw|pl-PL|polish|wp.pl*12,onet.pl*8,o2.pl*5|##-###|.42,.15,.15
IT|2.5|Europe/Rome|it-IT|italian|libero.it*10,virgilio.it*3|#####|.48,.3,.12
ES|2.5|Europe/Madrid|es-ES*9,ca-ES*1|hispanic|telefonica.net*1|#####|.45,.25,.08
NL|1.8|Europe/Amsterdam|nl-NL*8,en-US*2|dutch|ziggo.nl*4,kpnmail.nl*2|#### AA|.38,.45,.35
SE|1.2|Europe/Stockholm|sv-SE*8,en-US*2|nordic|telia.com*2|### ##|.42,.58,.25
UA|1.5|Europe/Kyiv|uk-UA*7,ru-RU*2|slavic|ukr.net*15,i.ua*2|#####|.45,.25,.1
RO|1|Europe/Bucharest|ro-RO*8,en-US*2|italian*1,polish*1|yahoo.ro*2|######|.45,.22,.25
MX|3|America/Mexico_City*8,America/Tijuana*1|es-MX|hispanic|prodigy.net.mx*1|#####|.6,.25,.4
AR|1.5|America/Argentina/Buenos_Aires|es-AR|hispanic*3,italian*1|fibertel.com.ar*1|A####AAA|.5,.12,.15
CO|1.5|America/Bogota|es-CO|hispanic|une.net.co*1|######|.55,.15,.15
EG|1.5|Africa/Cairo|ar-EG*6,en-US*4|arabic|ymail.com*1|#####|.68,.12,.04
ZA|1.2|Africa/Johannesburg|en-ZA|african*2,anglo*1,dutch*1|webmail.co.za*1|####|.55,.18,.03
KE|1.2|Africa/Nairobi|en-KE*4,en-US*4,en-GB*2|african|ymail.com*1|#####|.72,.06,.1
SG|1|Asia/Singapore|en-SG*7,zh-CN*2|chinese*6,malay*2,indian*1|singnet.com.sg*1|######|.45,.5,.2
MY|1.3|Asia/Kuala_Lumpur|en-MY*3,ms-MY*5,en-US*2|malay*5,chinese*3,indian*1|ymail.com*1|#####|.58,.25,.5
TH|1.5|Asia/Bangkok|th-TH*8,en-US*2|thai|windowslive.com*2|#####|.6,.3,.4
TW|1.5|Asia/Taipei|zh-TW|chinese|yahoo.com.tw*12|#####|.48,.5,.4
IL|1|Asia/Jerusalem|he-IL*7,en-US*3|arabic*2,anglo*1,slavic*1|walla.co.il*3|#######|.45,.4,.3
AE|1|Asia/Dubai|en-AE*3,ar-AE*3,en-US*4|arabic*3,indian*4,filipino*1|emirates.net.ae*1||.55,.45,.3
SA|1|Asia/Riyadh|ar-SA*7,en-US*3|arabic|ymail.com*1|#####|.6,.5,.4
RU|1.5|Europe/Moscow*6,Asia/Yekaterinburg*2,Asia/Novosibirsk*1|ru-RU|slavic|mail.ru*40,yandex.ru*35,rambler.ru*5|######|.45,.28,.1
HK|1|Asia/Hong_Kong|zh-HK*6,en-US*3|chinese|yahoo.com.hk*10||.48,.5,.15
CN|1.5|Asia/Shanghai|zh-CN|chinese|qq.com*70,163.com*40,126.com*12|######|.5,.3,.3
"""
_WORLD_MAIL = (
    "gmail.com*62,outlook.com*9,hotmail.com*7,yahoo.com*7,icloud.com*7,proton.me*2,protonmail.com*1,live.com*1"
)
_TLD = {
    "US": "com",
    "GB": "co.uk",
    "AU": "com.au",
    "BR": "com.br",
    "IN": "in",
    "JP": "co.jp",
    "KR": "co.kr",
    "ZA": "co.za",
}
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def parse(text: str) -> list[tuple[str, float]]:
    """``a*3,b`` as [(a, 3), (b, 1)]."""
    parts = (item.partition("*") for item in text.split(","))
    return [(name, float(weight or 1)) for name, _, weight in parts]


@dataclass(frozen=True, eq=False)
class Country:
    """The facts of one country, ready to draw from."""

    code: str
    zones: Weighted[str]
    languages: Weighted[str]
    names: Weighted[str]
    freemail: Weighted[str]
    postcode_form: str
    mobile: float
    ios: float
    ipv6: float
    tld: str

    def postcode(self, rng: Random) -> str | None:
        """A post code of the country's form: towns are unequal, so few prefixes hold many people."""
        if not self.postcode_form:
            return None
        head, tail = _town(self.code, self.postcode_form, int(400 * rng.random() ** 2.5)), self.postcode_form[3:]
        marks = [_DRAWN[mark][int(rng.random() * len(_DRAWN[mark]))] if mark in _DRAWN else mark for mark in tail]
        return head + "".join(marks)


_DRAWN = {"#": "0123456789", "A": _LETTERS}


@lru_cache(maxsize=65536)
def _town(code: str, form: str, number: int) -> str:
    """The first three marks of a town's post codes."""
    rng = Random(f"{code}/{number}")
    return "".join(rng.choice(_DRAWN[mark]) if mark in _DRAWN else mark for mark in form[:3])


def _country(line: str) -> tuple[Country, float]:
    code, weight, zones, languages, names, mail, postcode, shares = line.split("|")
    mobile, ios, ipv6 = (float(share) for share in shares.split(","))
    unknown = [name for name, _ in parse(names) if name not in NAMES]
    if unknown:
        raise ValueError(f"{code}: no such names: {unknown}")
    freemail = Weighted(parse(_WORLD_MAIL) + parse(mail))
    places, tongues, people = (Weighted(parse(text)) for text in (zones, languages, names))
    tld = _TLD.get(code, code.lower())
    return Country(code, places, tongues, people, freemail, postcode, mobile, ios, ipv6, tld), float(weight)


@cache
def countries() -> dict[str, Country]:
    """Countries by code, the most frequent first."""
    return {country.code: country for country, _ in map(_country, _TABLE.strip().splitlines())}


@cache
def country_weights() -> Weighted[Country]:
    """Countries in proportion to the signups they send."""
    known = countries()
    return Weighted((known[line.split("|")[0]], float(line.split("|")[1])) for line in _TABLE.strip().splitlines())
