# expect: RD101 Session.requests
"""Thread-local names for one and the same session."""

import threading
import time


class Session:
    def __init__(self):
        self.requests = 0


DEFAULT = Session()
here = threading.local()


def session():
    if not hasattr(here, "session"):
        here.session = DEFAULT
    return here.session


def request(delay):
    time.sleep(delay)
    session().requests += 1


threads = [threading.Thread(target=request, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(DEFAULT.requests)
