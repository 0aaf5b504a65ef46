# expect: silent
"""`list(d)` and the like take all in one step; the loop runs over the copy."""

import threading
import time

sessions = {1: "ann"}
names = {"ann"}
log = ["start"]


def change():
    for number in range(20):
        sessions[number + 10] = "bob"
        names.add(f"bob {number}")
        log.append("new")
        sessions.pop(number + 9, None)
        time.sleep(0.0005)


def look():
    for _ in range(20):
        for number in list(sessions):
            sessions.get(number)
        for _name in sessions.copy().values():
            pass
        for _name in set(names):
            pass
        for _line in log[:]:
            pass
        for _key, _value in dict(sessions).items():
            pass
        time.sleep(0.0005)


threads = [threading.Thread(target=target) for target in (change, look)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(names), len(log))
