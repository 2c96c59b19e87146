"""Tests of the Cubicl dialect."""
