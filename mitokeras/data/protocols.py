"""The contests' rules that say how near a detection must be to count as a hit."""

from __future__ import annotations

from dataclasses import dataclass

from mitokeras.errors import ConfigError


@dataclass(frozen=True)
class Protocol:
    """A rule that says how near a detection must be to count as a hit.

    Attributes:
        name: As given on the command line and printed beside every score.
        radius: Largest distance of the two centres that is a hit, inclusive.
        unit: "um" or "px"; pixels are those of the field as it was labelled.
        citation: Where the rule is stated.
    """

    name: str
    radius: float
    unit: str
    citation: str

    def radius_um(self, spacing_um_px: float) -> float:
        return self.radius if self.unit == "um" else self.radius * spacing_um_px

    def radius_px(self, spacing_um_px: float) -> float:
        return self.radius_um(spacing_um_px) / spacing_um_px


PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        Protocol("icpr2012-5um", 5.0, "um", "ICPR 2012 contest, Roux et al. 2013"),
        Protocol("icpr2012-8um", 8.0, "um", "ICPR 2012 contest page, evaluation section"),
        Protocol("midog", 7.5, "um", "MIDOG challenge, Aubreville et al. 2023"),
        Protocol("amida13", 7.5, "um", "AMIDA13, Veta et al. 2015 (30 px at 0.25 um/px)"),
        Protocol("scmitosis", 20.0, "px", "SCMitosis, arXiv 2212.13401"),
    )
}


def get_protocol(name: str) -> Protocol:
    """Look a protocol up.

    Raises:
        ConfigError: There is none of that name.
    """
    if name not in PROTOCOLS:
        raise ConfigError(f"protocol must be one of {', '.join(PROTOCOLS)}. Received: {name}")
    return PROTOCOLS[name]
