# expect: silent
"""Each thread has its own."""

import threading

local = threading.local()


class Context:
    def __init__(self):
        self.depth = 0


def context():
    if not hasattr(local, "context"):
        local.context = Context()
        local.calls = 0
    local.calls += 1
    return local.context


def work():
    for _ in range(20):
        context().depth += 1
    assert context().depth == 20


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("done")
