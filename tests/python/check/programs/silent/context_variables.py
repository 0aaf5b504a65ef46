# expect: silent
"""Each thread runs in a context of its own and sets the variable there."""

import contextvars
import threading

request = contextvars.ContextVar("request")


class Request:
    def __init__(self, number):
        self.number = number
        self.steps = 0


def step():
    request.get().steps += 1


def serve(number):
    request.set(Request(number))
    for _ in range(10):
        step()
    assert request.get().steps == 10


threads = [
    threading.Thread(target=contextvars.copy_context().run, args=(serve, number)) for number in range(3)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("served")
