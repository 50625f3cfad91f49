from __future__ import annotations

from serde_fixtures import fresh, is_async, kit, name, ours, stocks, tap, url

__all__ = ["fresh", "is_async", "kit", "name", "ours", "stocks", "tap", "url"]
