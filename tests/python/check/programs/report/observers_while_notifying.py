# expect: RD104 observers
"""An observer joins while others are being told."""

import threading
import time


class Subject:
    def __init__(self):
        self.observers = []

    def subscribe(self, observer):
        self.observers.append(observer)

    def unsubscribe(self, observer):
        self.observers.remove(observer)

    def notify(self, event):
        for observer in self.observers:
            observer(event)


subject = Subject()
events = []
subject.subscribe(events.append)


def publish():
    for number in range(3):
        subject.notify(number)


def come_and_go():
    time.sleep(0.02)
    subject.subscribe(print)
    subject.unsubscribe(print)


threads = [threading.Thread(target=publish), threading.Thread(target=come_and_go)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(events)
