"""Servers as hosts write them, some with a fault that the harness must find."""
