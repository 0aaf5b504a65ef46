# expect: silent
"""Objects are complete when they are appended; another thread looks at copies of the list meanwhile."""

import threading
import time


class Event:
    def __init__(self, number):
        self.number = number
        self.text = f"event {number}"


events = []


def produce():
    for number in range(10):
        events.append(Event(number))
        time.sleep(0.001)


def watch():
    longest = 0
    while len(events) < 10:
        for event in list(events):
            longest = max(longest, len(event.text))
        if events:
            longest = max(longest, events[-1].number)
        time.sleep(0.001)
    print(len(events))


threads = [threading.Thread(target=produce), threading.Thread(target=watch)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
