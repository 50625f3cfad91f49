"""Write openapi/accord.json, the document that a service gives under /accord/v1/openapi.json.

A test compares the two, so a change of the interface is a change of a file under review.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx

from registry.app import create_app
from registry.settings import load

FILE = Path(__file__).resolve().with_name("accord.json")
ADDRESS = "/accord/v1/openapi.json"


async def served() -> object:
    """Return the document; the service is built but not started, so there is no database."""
    transport = httpx.ASGITransport(create_app(load()))
    async with httpx.AsyncClient(transport=transport, base_url="http://accord") as client:
        answer = await client.get(ADDRESS)
    return answer.raise_for_status().json()


def text() -> str:
    return json.dumps(asyncio.run(served()), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    FILE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
