"""Tests, room by room as the house is laid out; `journeys/` tell whole stories."""
