# expect: RD104 routes
"""`list(d.items())` iterates a view, unlike `list(d)`."""

import threading
import time

routes = {"/": "index", "/a": "a"}


def snapshot():
    return list(routes.items())


def add():
    time.sleep(0.05)
    routes["/b"] = "b"


threads = [threading.Thread(target=snapshot), threading.Thread(target=add)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(routes))
