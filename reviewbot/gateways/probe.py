"""Asks a preview's public address from outside, as a visitor would: through the Gateway, by host and SNI."""

import urllib3

from reviewbot.render.names import RELEASE_HEADER, Address

_TIMEOUT = urllib3.Timeout(connect=1, read=3)


class GatewayProbe:
    """Connects to one address whatever the host's DNS says, and follows nobody anywhere."""

    def __init__(self, gateway_address: str, secure: bool) -> None:
        host, _, port = gateway_address.rpartition(":")
        self._address = (host.strip("[]"), int(port))
        self._secure = secure

    def __call__(self, address: Address, health: str) -> str | None:
        """The id of the release that answers with less than a 500, or None."""
        try:
            with self._pool(address.host) as pool:
                response = pool.request(
                    "GET",
                    health,
                    headers={"Host": address.host, "User-Agent": "reviewbot"},
                    redirect=False,
                    retries=False,
                    preload_content=False,
                    timeout=_TIMEOUT,
                )
                answered, release = response.status < 500, response.headers.get(RELEASE_HEADER)
                response.close()
        except (urllib3.exceptions.HTTPError, OSError):
            return None
        return release if answered else None

    def _pool(self, host: str) -> urllib3.HTTPConnectionPool:
        if not self._secure:
            return urllib3.HTTPConnectionPool(*self._address)
        # Whether the certificate is trusted is between the gateway and the visitor's browser.
        return urllib3.HTTPSConnectionPool(
            *self._address, server_hostname=host, cert_reqs="CERT_NONE", assert_hostname=False
        )
