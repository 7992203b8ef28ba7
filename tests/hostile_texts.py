"""Texts that an attacker would write where a reviewer will read: markup, formulas, characters that hide others."""

from __future__ import annotations

_MARKUP = (
    "<script>pwned()</script>",
    "<img src=x onerror=pwned()>",
    "<svg onload=pwned()>",
    "</title><script>pwned()</script>",
    "</textarea><script>pwned()</script>",
    "</style><script>pwned()</script>",
    "<a href=javascript:pwned()>x</a>",
    "javascript:pwned()",
    "<iframe srcdoc='<script>parent.pwned()</script>'>",
    "<body onload=pwned()>",
    "<details open ontoggle=pwned()>",
    "<input autofocus onfocus=pwned()>",
    "<math><mi xlink:href=javascript:pwned()>",
    "<object data=javascript:pwned()>",
    "<meta http-equiv=refresh content='0;url=javascript:pwned()'>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/a.css>",
    "<style>@import'//evil.example'",
    "<form action=//evil.example><button>",
    "<video><source onerror=pwned()>",
    "<marquee onstart=pwned()>",
    "{{7*7}}{{config}}",
    "{% include 'x' %}",
    "${7*7}",
    "<%= 7*7 %>",
    "<!--<script>pwned()//-->",
    "<![CDATA[<script>]]>",
    "&lt;script&gt;pwned()&lt;/script&gt;",
    "&#60;script&#62;",
    "data:text/html,<script>pwned()</script>",
)
_BREAKS = ("", '"', "'", "`", '">', "'>", "</text>", "]]>")
_OTHERS = (
    '=HYPERLINK("//evil.example")',
    "+cmd|'/C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\u202egnp.exe",
    "a\u200bb",
    "\u2066x\u2069",
    "\x00\x01\x08\x0b\x1b[31m",
    "\ud7ff\ue000\ufffe",
    "A" * 5000,
    "Z\u0351\u0362" * 40,
    "\u2028\u2029",
    "\ufeff",
    "x\r\ny",
    "%00%0d%0aset-cookie:a=b",
    "../../etc/passwd",
    "\N{FULLWIDTH LESS-THAN SIGN}script\N{FULLWIDTH GREATER-THAN SIGN}",
)
#: More than two hundred.
HOSTILE: tuple[str, ...] = tuple(f"{end}{text}" for text in _MARKUP for end in _BREAKS) + _OTHERS
