"""The faults: one file each, one line each in `FAULTS`."""

from nineam.faults.fault import Fault
from nineam.faults.kinds import (
    bandwidth,
    connect_blackhole,
    cut_after,
    down,
    drip,
    flap,
    http_hang,
    http_status,
    latency,
    limit_data,
    reset_peer,
    slicer,
    slow_close,
    stall,
    timeout,
)

FAULTS: tuple[type[Fault], ...] = (
    latency.Latency,
    bandwidth.Bandwidth,
    slow_close.SlowClose,
    timeout.Timeout,
    reset_peer.ResetPeer,
    slicer.Slicer,
    limit_data.LimitData,
    down.Down,
    stall.Stall,
    connect_blackhole.ConnectBlackhole,
    cut_after.CutAfter,
    drip.Drip,
    flap.Flap,
    http_status.HttpStatus,
    http_hang.HttpHang,
)
