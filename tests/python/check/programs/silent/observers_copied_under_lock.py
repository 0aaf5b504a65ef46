# expect: silent
"""The list is copied under the lock and the observers are called without it."""

import threading


class Subject:
    def __init__(self):
        self.lock = threading.Lock()
        self.observers = []

    def subscribe(self, observer):
        with self.lock:
            self.observers.append(observer)

    def unsubscribe(self, observer):
        with self.lock:
            if observer in self.observers:
                self.observers.remove(observer)

    def notify(self, event):
        with self.lock:
            observers = list(self.observers)
        for observer in observers:
            observer(event)


subject = Subject()
events = []
subject.subscribe(events.append)


def publish():
    for number in range(20):
        subject.notify(number)


def come_and_go():
    for _ in range(20):
        subject.subscribe(len_of)
        subject.unsubscribe(len_of)


def len_of(event):
    return len(str(event))


threads = [threading.Thread(target=publish), threading.Thread(target=come_and_go)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(events))
