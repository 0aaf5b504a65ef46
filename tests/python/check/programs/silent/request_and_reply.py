# expect: silent
"""An actor: all state belongs to one thread, others send messages and wait for the reply."""

import queue
import threading


class Actor:
    def __init__(self):
        self.inbox = queue.SimpleQueue()
        self.counts = {}
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while (message := self.inbox.get()) is not None:
            key, reply = message
            if key not in self.counts:
                self.counts[key] = 0
            self.counts[key] += 1
            reply.put(self.counts[key])

    def ask(self, key):
        reply = queue.SimpleQueue()
        self.inbox.put((key, reply))
        return reply.get()


actor = Actor()
actor.thread.start()


def work():
    for _ in range(10):
        actor.ask("a")


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(actor.ask("a"))
actor.inbox.put(None)
actor.thread.join()
