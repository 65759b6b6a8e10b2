"""Hostile payloads: made from endpoints or a document, frozen, replayed, reduced to the smallest that still hurts."""
