"""Whether a place in a function is run again and again by the function itself: whether it stands in a loop."""

_AWAITS = "JUMP_BACKWARD_NO_INTERRUPT"  # how `await` and `yield from` wait, from 3.11 on
_THROWN = "CLEANUP_THROW"  # and how they go on after an exception, with a jump back


def in_loop(code, offset):
    """Return whether a bytecode offset (a frame's `f_lasti`) is jumped back over; false where that cannot be told."""
    import dis  # the standard library's, and only once per place

    try:
        before = ""
        for instruction in dis.get_instructions(code):
            name, target = instruction.opname, instruction.argval
            jumps = "JUMP" in name and name != _AWAITS and before != _THROWN and isinstance(target, int)
            if jumps and target <= offset <= instruction.offset:
                return True
            before = name
    except Exception:
        pass
    return False
