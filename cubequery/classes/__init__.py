"""Where the classes of engines come from: a list, a file, or a MongoDB collection; they may change while engines run."""

from cubequery.classes.file import FileClasses
from cubequery.classes.held import Classes, DefinitionConflict
from cubequery.classes.source import AsyncClassSource, ClassSource, InThread, StaticClasses

__all__ = ["AsyncClassSource", "ClassSource", "Classes", "DefinitionConflict", "FileClasses", "InThread", "StaticClasses"]
