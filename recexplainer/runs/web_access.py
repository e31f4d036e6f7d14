"""Web access of this machine: clients that go past proxies to the machine itself."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from recexplainer.errors import UserError

__all__ = ["client_settings", "is_own_machine", "is_own_network"]


def is_own_machine(url: str) -> bool:
    """Return whether ``url`` is an address of this machine itself."""
    address = _address(url)
    return address.is_loopback if address else _host(url) in {"localhost"} or _is_local_name(url)


def is_own_network(url: str) -> bool:
    """Return whether ``url`` is on this machine or in its own network."""
    address = _address(url)
    return is_own_machine(url) or (address is not None and address.is_private)


def client_settings(url: str) -> dict[str, Any]:
    """Return the arguments of an ``httpx2.Client`` that asks ``url``.

    Proxies of the environment are not for services of this machine, which they could not reach.

    Raises:
        UserError: the environment names a proxy that cannot be used, and ``url`` lies behind it.
    """
    import httpx2

    if is_own_machine(url):
        # What else the environment says, such as certificates, still holds.
        return {"trust_env": False, "verify": httpx2.create_ssl_context()}
    try:
        httpx2.Client().close()
    except (ImportError, ValueError) as error:
        cure = "install it with: pip install socksio" if isinstance(error, ImportError) else ""
        raise UserError(
            f"the proxy in the environment (ALL_PROXY, HTTPS_PROXY or HTTP_PROXY) cannot be used "
            f"for {url}: {str(error).split('. ', 1)[0]}; {cure or 'correct it'}, or name the host "
            "in NO_PROXY"
        ) from None
    return {}


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_local_name(url: str) -> bool:
    return _host(url).endswith(".localhost")


def _address(url: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(_host(url))
    except ValueError:
        return None
