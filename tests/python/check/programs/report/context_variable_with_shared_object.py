# expect: RD101 Trace.spans
"""Contexts are copied, the object in the variable is not."""

import contextvars
import threading
import time


class Trace:
    def __init__(self):
        self.spans = 0


current = contextvars.ContextVar("current")
current.set(Trace())


def span(delay):
    time.sleep(delay)
    current.get().spans += 1


threads = [threading.Thread(target=contextvars.copy_context().run, args=(span, delay)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(current.get().spans)
