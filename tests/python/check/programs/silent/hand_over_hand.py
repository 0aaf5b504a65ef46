# expect: silent
"""A linked list whose nodes have locks: the next one is taken before the last one is given back."""

import threading


class Node:
    def __init__(self, value, following=None):
        self.value = value
        self.following = following
        self.lock = threading.Lock()


head = Node(-1, Node(10**9))


def insert(value):
    node = head
    node.lock.acquire()
    while True:
        following = node.following
        following.lock.acquire()
        if following.value > value:
            node.following = Node(value, following)
            following.lock.release()
            node.lock.release()
            return
        node.lock.release()
        node = following


def work(values):
    for value in values:
        insert(value)


threads = [threading.Thread(target=work, args=(range(start, 60, 3),)) for start in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
node, count = head, 0
while node is not None:
    node, count = node.following, count + 1
print(count)
