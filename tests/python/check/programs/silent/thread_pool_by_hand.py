# expect: silent
"""A pool written by hand around a queue, with futures made of an event and a field."""

import queue
import threading


class Answer:
    def __init__(self):
        self.ready = threading.Event()
        self.value = None

    def get(self):
        self.ready.wait()
        return self.value


class Pool:
    def __init__(self, size):
        self.tasks = queue.Queue()
        self.threads = [threading.Thread(target=self.work) for _ in range(size)]
        for thread in self.threads:
            thread.start()

    def work(self):
        while (task := self.tasks.get()) is not None:
            answer, function, argument = task
            answer.value = function(argument)
            answer.ready.set()

    def submit(self, function, argument):
        answer = Answer()
        self.tasks.put((answer, function, argument))
        return answer

    def close(self):
        for _ in self.threads:
            self.tasks.put(None)
        for thread in self.threads:
            thread.join()


def step(box):
    box["n"] += 1
    return box


pool = Pool(3)
answers = [pool.submit(step, {"n": number}) for number in range(10)]
total = 0
for answer in answers:
    box = answer.get()
    box["n"] += 1
    total += box["n"]
pool.close()
print(total)
