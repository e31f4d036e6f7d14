"""Addresses of services that a user names."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

__all__ = ["WebAddress"]


def _checked(given: str) -> str:
    # A password in an address would end up in the run folder and in reports.
    if not re.fullmatch(r"https?://[^\s@]+", given):
        raise ValueError("must begin with http:// or https:// and hold no user or password")
    return given


WebAddress = Annotated[str, AfterValidator(_checked)]
"""Where a service is, such as ``http://localhost:8000/v1``; secrets have no place in it."""
