"""`raddle check` for programs that know of it: orderings that it cannot see.

The checker itself is the command: `raddle check script.py`.
"""

from raddle.check._order import happens_after, happens_before

__all__ = ["happens_after", "happens_before"]
