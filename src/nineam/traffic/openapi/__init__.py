"""Traffic from an OpenAPI document: versions 3.0 and 3.1, and Swagger 2.0."""

from nineam.traffic.openapi.document import parse_document
from nineam.traffic.openapi.reader import Operations, read_openapi

__all__ = ["Operations", "parse_document", "read_openapi"]
