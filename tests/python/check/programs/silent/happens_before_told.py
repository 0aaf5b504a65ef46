# expect: silent
"""An order that nobody can see, through a file, is told to the checker."""

import os
import threading

from raddle.check import happens_after, happens_before

reader, writer = os.pipe()
state = {"count": 0}


def first():
    state["count"] += 1
    happens_before(reader)
    os.write(writer, b"x")


def second():
    os.read(reader, 1)
    happens_after(reader)
    state["count"] += 1


threads = [threading.Thread(target=second), threading.Thread(target=first)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(state)
