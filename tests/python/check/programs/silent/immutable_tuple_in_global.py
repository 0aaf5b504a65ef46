# expect: silent
"""The same with a tuple in a global and a frozenset in a dict."""

import threading
import time

routes = ("index",)
blocked = {"now": frozenset()}


def change():
    global routes
    for number in range(10):
        routes = (*routes[-3:], f"page {number}")
        blocked["now"] = blocked["now"] | {number}
        time.sleep(0.001)


def look():
    for _ in range(20):
        for route in routes:
            len(route)
        for number in blocked["now"]:
            str(number)
        time.sleep(0.0005)


threads = [threading.Thread(target=target) for target in (change, look)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(routes), len(blocked["now"]))
