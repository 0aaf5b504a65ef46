# expect: silent
"""A game of life on two lists: all read the one and write the other, and then change them over."""

import threading

SIZE = 8
buffers = [[number % 3 % 2 for number in range(SIZE)], [0] * SIZE]
barrier = threading.Barrier(2)


def work(start, end):
    for generation in range(6):
        now, then = buffers[generation % 2], buffers[(generation + 1) % 2]
        for place in range(start, end):
            then[place] = now[place - 1] ^ now[(place + 1) % SIZE]
        barrier.wait()


threads = [threading.Thread(target=work, args=bounds) for bounds in ((0, 4), (4, 8))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(buffers[0])
