"""Bugs planted on purpose, one at a time, in a copy: tests that do not find them prove nothing."""
