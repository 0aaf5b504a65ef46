# expect: silent
"""Each thread is joined before the next one starts."""

import threading


class Tally:
    def __init__(self):
        self.count = 0

    def add(self):
        self.count += 1


tally = Tally()
for _ in range(5):
    thread = threading.Thread(target=tally.add)
    thread.start()
    thread.join()
print(tally.count)
