# expect: silent
"""Three stages, each with two workers, end by sentinels that the last of a stage hands on."""

import queue
import threading

STOP = object()


class Stage:
    def __init__(self, function, source, sink, workers):
        self.function, self.source, self.sink = function, source, sink
        self.lock = threading.Lock()
        self.running = workers
        self.done = 0
        self.threads = [threading.Thread(target=self.run) for _ in range(workers)]

    def run(self):
        while (item := self.source.get()) is not STOP:
            self.sink.put(self.function(item))
            with self.lock:
                self.done += 1
        self.source.put(STOP)
        with self.lock:
            self.running -= 1
            last = self.running == 0
        if last:
            self.sink.put(STOP)


def read(line):
    return {"line": line}


def parse(item):
    item["number"] = int(item["line"])
    return item


def square(item):
    item["square"] = item["number"] ** 2
    return item


queues = [queue.Queue() for _ in range(4)]
stages = [Stage(function, queues[i], queues[i + 1], 2) for i, function in enumerate((read, parse, square))]
threads = [thread for stage in stages for thread in stage.threads]
for thread in threads:
    thread.start()
for number in range(20):
    queues[0].put(str(number))
queues[0].put(STOP)
total = 0
while (item := queues[-1].get()) is not STOP:
    total += item["square"]
for thread in threads:
    thread.join()
print(total, [stage.done for stage in stages])
