"""The side door: commands for the people who run the house. Commands are thin; what they do lives in the rooms."""

from o2o.cli.commands import main

__all__ = ["main"]
