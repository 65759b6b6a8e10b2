"""Ways to be wrong, by the part of the request in which they are: one file each, each one line in `KINDS`."""

from nineam.payloads.kinds import in_body, in_framing, in_head, in_json, in_path, in_query
from nineam.payloads.kinds.kind import Kind, Wrong

KINDS: tuple[Kind, ...] = (
    in_path.wrongs,
    in_query.wrongs,
    in_head.wrongs,
    in_json.wrongs,
    in_body.wrongs,
    in_framing.wrongs,
)

__all__ = ["KINDS", "Kind", "Wrong"]
