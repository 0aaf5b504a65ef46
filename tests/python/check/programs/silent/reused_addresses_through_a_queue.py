# expect: silent
"""Objects die in the consumer and are born in the producer, at the same addresses."""

import queue
import threading


class Message:
    def __init__(self, number):
        self.number = number
        self.parts = {}


messages = queue.SimpleQueue()


def produce():
    for number in range(400):
        message = Message(number)
        message.number += 1
        message.parts["head"] = number
        messages.put(message)
    messages.put(None)


def consume():
    total = 0
    while (message := messages.get()) is not None:
        message.number += 1
        message.parts["head"] += 1
        total += message.number
    print(total)


threads = [threading.Thread(target=consume), threading.Thread(target=produce)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
