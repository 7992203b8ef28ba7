"""When a sweep merges, parts and moves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SweepLimits:
    """Log-odds, but for ``tied`` (axes) and ``loose`` (members); chosen on eight simulated worlds.

    ``merge``: of the middle member of each campaign towards the other, both together, at least. That is far below even,
    because the pieces of a campaign are pieces for being unlike. It is asked of the sum, not of the lesser: the values
    of a small piece are some of the large one's, so the small one may be sure of the large where the large, which has
    many others, is not of the small.

    ``part``: of the middle member of each side of one campaign towards the other side, both below; and they must not
    share telling values on ``tied`` axes: a rack of three kinds of machine is one operator's rack.

    ``leave``: a member with less in its own campaign may move, to one where it has ``gain`` more; ``alone``: what an
    account that is its campaign's only member needs to give that up.

    ``loose``: members of a campaign, or of a chain of pieces that might be merged, that may have nothing telling in
    common. Their likeness is common things adding up, and whoever copies everything common would become one campaign
    with all others who do. What is larger is parted into what telling values hold together, from three
    members on; fewer stay with the largest part. What is smaller is parted so where its pieces would not be merged.
    """

    merge: float = -7.0
    part: float = -4.0
    tied: int = 2
    leave: float = 0.0
    gain: float = 1.0
    alone: float = -1.0
    loose: int = 512
