"""Tests of engines over stores."""
