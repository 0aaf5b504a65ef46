# expect: RD101 Request.made
"""Each request counts itself in its class, and requests are made in several threads."""

import threading
import time


class Request:
    made = 0

    def __init__(self, path):
        self.path = path
        Request.made += 1


def serve(path, delay):
    time.sleep(delay)
    Request(path)


threads = [threading.Thread(target=serve, args=("/", delay)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(Request.made)
