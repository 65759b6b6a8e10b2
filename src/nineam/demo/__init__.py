"""The bundled shop and its sins."""
