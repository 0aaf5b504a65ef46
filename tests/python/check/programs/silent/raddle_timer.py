# expect: silent
"""raddle's Timer, and a Thread that another one joins."""

import raddle

state = {"count": 0}


def bump():
    state["count"] += 1


def wait(timer):
    timer.join()
    bump()


bump()
timer = raddle.Timer(0.005, bump)
thread = raddle.Thread(target=wait, args=(timer,))
timer.start()
thread.start()
thread.join()
bump()
print(state)
