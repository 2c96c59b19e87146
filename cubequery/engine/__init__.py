"""Engines: requests of actors carried out over a store, sync and async alike."""

from cubequery.engine.asynchronous import AsyncEngine
from cubequery.engine.base import BaseEngine, new_id, utc_seconds
from cubequery.engine.drivers import drive, drive_async
from cubequery.engine.sync import Engine

__all__ = ["AsyncEngine", "BaseEngine", "Engine", "drive", "drive_async", "new_id", "utc_seconds"]
