"""Fuzzing: bytes in, answers or the library's own errors out."""
