# expect: RD101 hits
"""A dict in an attribute: the location is the key of that dict."""

import threading
import time


class Server:
    def __init__(self):
        self.stats = {"hits": 0, "errors": 0}

    def handle(self, delay):
        time.sleep(delay)
        self.stats["hits"] += 1


server = Server()
threads = [threading.Thread(target=server.handle, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(server.stats)
