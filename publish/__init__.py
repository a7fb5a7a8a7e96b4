"""Lectures as web pages and as slides, which need neither a kernel nor a network."""
