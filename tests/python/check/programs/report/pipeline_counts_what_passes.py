# expect: RD101 Pipeline.passed
"""Items go from queue to queue as they should; only the number of them is anybody's."""

import itertools
import queue
import threading

STOP = object()


class Pipeline:
    def __init__(self):
        self.passed = 0

    def stage(self, source, sink):
        while (item := source.get()) is not STOP:
            self.passed += 1
            sink.put(item)
        sink.put(STOP)


pipeline = Pipeline()
queues = [queue.Queue() for _ in range(3)]
threads = [threading.Thread(target=pipeline.stage, args=pair) for pair in itertools.pairwise(queues)]
for thread in threads:
    thread.start()
for item in (1, 2, 3, STOP):
    queues[0].put(item)
for thread in threads:
    thread.join()
print(queues[-1].qsize())
