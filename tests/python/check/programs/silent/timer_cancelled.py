# expect: silent
"""A cancelled Timer has run nothing."""

import threading

state = {"count": 0}


def late():
    state["count"] += 1


timer = threading.Timer(30, late)
timer.start()
timer.cancel()
state["count"] += 1
timer.join()
print(state)
