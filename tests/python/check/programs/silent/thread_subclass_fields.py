# expect: silent
"""A Thread subclass keeps its result in itself; main reads it after join."""

import threading


class Summer(threading.Thread):
    def __init__(self, numbers):
        super().__init__()
        self.numbers = numbers
        self.result = 0

    def run(self):
        for number in self.numbers:
            self.result += number


threads = [Summer(range(start, 100, 4)) for start in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(thread.result for thread in threads))
