# expect: RD101 Router.routes
"""Copy on write without a lock: readers are safe, two writers are not."""

import threading
import time


class Router:
    def __init__(self):
        self.routes = {}

    def add(self, path, handler, delay):
        time.sleep(delay)
        routes = dict(self.routes)
        routes[path] = handler
        self.routes = routes


router = Router()
threads = [
    threading.Thread(target=router.add, args=("/a", len, 0)),
    threading.Thread(target=router.add, args=("/b", abs, 0.02)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(router.routes))
