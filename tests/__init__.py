"""Tests of cubequery; a real MongoDB server is the judge of what a filter or an update means."""
