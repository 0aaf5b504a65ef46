# expect: RD103 note squares
"""A memo of immutable values: the work may be done twice, and nothing is lost."""

import threading
import time

squares = {}


def square(number, delay):
    time.sleep(delay)
    if number not in squares:
        squares[number] = number * number
    return squares[number]


threads = [threading.Thread(target=square, args=(7, delay)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(squares)
