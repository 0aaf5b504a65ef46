"""A breadth-first search: nodes to visit in a queue, those that were seen in a set under a lock."""

import queue
import threading

from _workload import THREADS, finish, in_threads, scaled


class Node:
    def __init__(self, number):
        self.number = number
        self.neighbours = []
        self.degree = 0


def build(count):
    nodes = [Node(number) for number in range(count)]
    for node in nodes:
        for step in (1, 7, 31, 101):
            node.neighbours.append(nodes[(node.number * 3 + step) % count])
            node.degree += 1
    for node in nodes:
        node.neighbours.append(nodes[(node.number + 1) % count])
    return nodes


def work(number, to_visit, seen, lock, found):
    degrees = 0
    while (node := to_visit.get()) is not None:
        for neighbour in node.neighbours:
            with lock:
                new = neighbour.number not in seen
                if new:
                    seen.add(neighbour.number)
            if new:
                to_visit.put(neighbour)
        degrees += node.degree
        to_visit.task_done()
    found.append(degrees)


nodes = build(scaled(45_000))
to_visit, seen, lock, found = queue.Queue(), {0}, threading.Lock(), []
to_visit.put(nodes[0])


def stop():
    to_visit.join()
    for _ in range(THREADS):
        to_visit.put(None)


stopper = threading.Thread(target=stop)
stopper.start()
in_threads(work, to_visit, seen, lock, found)
stopper.join()
finish((len(seen), sum(found)))
