# expect: silent
"""A loop over a dict whose values, and only they, are replaced meanwhile: sizes stay, nothing fails."""

import threading

readings = {"in": 0, "out": 0}


def measure():
    for number in range(50):
        readings["in"] = number
        readings["out"] = number


def show():
    for _ in range(30):
        for name in readings:
            len(name)


threads = [threading.Thread(target=measure), threading.Thread(target=show)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(readings)
