"""The wire between the checker, which trusts itself, and the jail, which nobody trusts.

`frames` carries messages over a socket, `types` is the table of the values that may cross. Nothing
here unpickles, evaluates or imports what came over the wire; every size is capped before memory is
taken for it. The package imports NumPy and msgpack only, because the jail loads it too.
"""
