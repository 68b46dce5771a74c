"""Who asks an organisation's nodes: its own admin, by the identities in the data folder."""

from network.ca import certificates
from network.calls import Caller
from network.layout import Layout
from network.signing import Signer, load_signer
from network.site import Site


def caller(layout: Layout, site: Site) -> Caller:
    """Raises OSError or ValueError when the organisation's identities are not whole."""
    return Caller(
        site,
        load_signer(layout.identity(site.msp, "admin"), site.msp),
        certificates(layout, site.msp).tls,
        layout.identity(site.msp, "orderer-admin"),
    )


def reader(layout: Layout, msp: str) -> Signer:
    """A plain client of the organisation."""
    return load_signer(layout.identity(msp, "reader"), msp)
