# expect: silent
"""Before start, in the thread, after join: one after the other."""

import threading

steps = []
state = {"count": 0}


def work():
    state["count"] += 1
    steps.append("thread")


state["count"] += 1
thread = threading.Thread(target=work)
thread.start()
thread.join()
state["count"] += 1
for step in steps:
    print(step)
print(state)
