# expect: silent
"""Each thread has its own pool of buffers; a list of all pools is kept for the end."""

import threading


class Pools(threading.local):
    def __init__(self, all_pools):
        self.buffers = []
        self.made = 0
        all_pools.append(self.buffers)


everyone = []
pools = Pools(everyone)


def take():
    if pools.buffers:
        return pools.buffers.pop()
    pools.made += 1
    return bytearray(8)


def work():
    for number in range(20):
        buffer = take()
        buffer[0] = number
        buffer[1] += 1
        pools.buffers.append(buffer)
    assert pools.made == 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(buffer[1] for buffers in everyone for buffer in buffers))
