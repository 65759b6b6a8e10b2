"""What the agent says to the controller: frames of `length, kind, payload` over a Unix socket.

JSON frames carry what is rare (who speaks, names, gauges, notices); request records are packed, because
there is one per request. Both ends import this file: it is the whole of what they share.
"""

import struct

FRAME = struct.Struct("<IB")

HELLO = 1  # JSON: token, pid, ppid, python, executable
DEFINE = 2  # JSON: [kind, id, value], value a string or a list
REQUESTS = 3  # packed request records, one after another
GAUGES = 4  # JSON: at_ns and numbers by name
HOOK = 5  # JSON: {"library": ..., "state": "active" | "failed: ..."}
BLOCKED = 6  # JSON: the event loop was held: at_ns, ms, endpoint, layer, site, call, line, does, had
SOURCE = 7  # JSON: [kind, name, "file:line:function"]: where a layer, an endpoint or a loop around a line is written
SAMPLES = 8  # JSON: rows of [sent_ns, endpoint, layer, stack, samples]
SAMPLER = 9  # JSON: {"kind": "sigalrm", "threads", both with "and", or "none", "hz": ..., "reason": ...}: by what
COLUMNS = 10  # JSON: [statement, rows looked at, [[column, bytes of its values], ...]]

SLOW = b"slow "  # to the agent: how many percent, endpoint (empty: all), layer, with tabs between; 0 ends it

# at_ns: entry into the application; total_ns: until its last byte was handed to the server;
# sent_ns: when the generator sent it (0 when unknown); steps_ns: time on the event loop;
# longest_ns: the longest uninterrupted stretch on the loop
REQUEST = struct.Struct("<QQQQQIHHHH")  # ... endpoint, status, layers, queries, spots
LAYER = struct.Struct("<HQ")  # layer, exclusive ns
# statement, site, relation, count, distinct parameter sets, ns, rows that were fetched, ns of fetching them afterwards
QUERY = struct.Struct("<IIIIIQQQ")
SPOT = struct.Struct("<HIIQ")  # layer, site, calls, ns

# ids of the layers every agent knows without defining them
UNATTRIBUTED = 0
SERVER_WAIT = 1
LOOP_LAG = 2
FIXED_LAYERS = ("unattributed", "server_wait", "loop_lag")

# kinds of names in DEFINE frames; a stack is the numbers of its frames, root first, with commas between
NAME_KINDS = ("layer", "endpoint", "statement", "site", "relation", "frame", "stack")

# within the name of a site: between the line and the one that called its function
CALLED_BY = "\x1f"

SENT_HEADER = "x-nineam-sent"
LATEST_NS = 2**63 - 1  # anything beyond, or below 0, is no instant
