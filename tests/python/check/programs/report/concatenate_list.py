# expect: RD101 History.events
"""`events = events + more` builds a new list each time, unlike append."""

import threading
import time


class History:
    def __init__(self):
        self.events = []

    def add(self, events, delay):
        time.sleep(delay)
        self.events = self.events + events


history = History()
threads = [
    threading.Thread(target=history.add, args=(["open"], 0)),
    threading.Thread(target=history.add, args=(["close"], 0.02)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(history.events)
