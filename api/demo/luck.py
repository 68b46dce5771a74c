"""Chance that falls the same way on every run."""

from random import Random


def seeded(seed: str) -> Random:
    """A generator for shaking a drawn hand or inventing a measurement; it protects nothing."""
    return Random(seed)  # noqa: S311 - see the docstring
