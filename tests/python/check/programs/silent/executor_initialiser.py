# expect: silent
"""What a worker's initialiser leaves in a thread-local is there for the tasks that run on that worker."""

import threading
from concurrent.futures import ThreadPoolExecutor

local = threading.local()


class Parser:
    def __init__(self):
        self.parsed = 0


def set_up():
    local.parser = Parser()


def parse(text):
    local.parser.parsed += len(text)
    return local.parser.parsed > 0


with ThreadPoolExecutor(2, initializer=set_up) as pool:
    print(all(list(pool.map(parse, ["a", "bc", "def"] * 5))))
