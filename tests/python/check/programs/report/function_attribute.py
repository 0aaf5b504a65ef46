# expect: RD101 calls
"""A decorator that counts calls in an attribute of the function that it returns."""

import functools
import threading
import time


def counted(function):
    @functools.wraps(function)
    def wrapper(*args):
        result = function(*args)
        wrapper.calls += 1
        return result

    wrapper.calls = 0
    return wrapper


@counted
def rest(delay):
    time.sleep(delay)


threads = [threading.Thread(target=rest, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(rest.calls)
