"""imi (意味, "meaning"): the models, data and drawings behind the lectures."""

__version__ = "0.1.0"
