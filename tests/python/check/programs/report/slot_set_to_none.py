# expect: RD102 Node.next
"""A slot that another thread sets to None after the check."""

import threading
import time


class Node:
    __slots__ = ("next", "value")

    def __init__(self, value, next_node=None):
        self.value = value
        self.next = next_node


head = Node(1, Node(2))


def second():
    if head.next is not None:
        return head.next.value
    return None


def cut():
    time.sleep(0.05)
    head.next = None


threads = [threading.Thread(target=second), threading.Thread(target=cut)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(second())
