# expect: RD202 numbers
"""Two threads advance one generator: ValueError when they meet."""

import threading
import time


def count():
    number = 0
    while True:
        yield number
        number += 1


numbers = count()


def take(delay):
    time.sleep(delay)
    return next(numbers)


threads = [threading.Thread(target=take, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(next(numbers))
