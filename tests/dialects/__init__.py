"""Tests of the further request languages."""
