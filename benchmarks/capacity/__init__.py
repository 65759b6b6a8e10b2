"""The capacity that nineam reports, beside the load that is carried for long."""
