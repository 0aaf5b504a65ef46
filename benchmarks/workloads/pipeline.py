"""Objects go through three stages by queues; each stage changes them."""

import queue
import threading

from _workload import finish, scaled


class Item:
    def __init__(self, number):
        self.number = number
        self.text = ""
        self.steps = 0


def parse(item):
    item.text = f"{item.number:x}"
    item.steps += 1


def check(item):
    item.number = sum(int(digit, 16) for digit in item.text)
    item.steps += 1


def stage(function, source, target):
    while (item := source.get()) is not None:
        function(item)
        target.put(item)
    target.put(None)


def produce(target, count):
    for number in range(count):
        target.put(Item(number))
    target.put(None)


first, second, third = queue.Queue(200), queue.SimpleQueue(), queue.SimpleQueue()
threads = [
    threading.Thread(target=produce, args=(first, scaled(80_000))),
    threading.Thread(target=stage, args=(parse, first, second)),
    threading.Thread(target=stage, args=(check, second, third)),
]
for thread in threads:
    thread.start()
total = steps = 0
while (item := third.get()) is not None:
    total += item.number
    steps += item.steps
for thread in threads:
    thread.join()
finish((total, steps))
