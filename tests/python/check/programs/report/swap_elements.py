# expect: RD101 cards
"""Two threads shuffle one list: `a[i], a[j] = a[j], a[i]` can lose a card and double another."""

import threading
import time

cards = ["ace", "king", "queen"]


def swap(i, j, delay):
    time.sleep(delay)
    cards[i], cards[j] = cards[j], cards[i]


threads = [
    threading.Thread(target=swap, args=(0, 1, 0)),
    threading.Thread(target=swap, args=(0, 1, 0.02)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(cards))
