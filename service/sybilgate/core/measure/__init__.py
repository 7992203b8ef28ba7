"""Measuring: the own columns of one event, as numbers by name. A column that is not known is simply absent."""
