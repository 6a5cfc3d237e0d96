"""Corpora, losses, training loops and evaluation tables; nothing that renders imports this."""
