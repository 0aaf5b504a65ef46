"""Dense: a recursion whose results are in one dict under a re-entrant lock."""

import threading

from _workload import finish, in_threads, scaled

lock = threading.RLock()
memo = {}
calls = {"found": 0, "made": 0}


def steps(number):
    with lock:
        if number in memo:
            calls["found"] += 1
            return memo[number]
        if number == 1:
            result = 0
        elif number % 2:
            result = 2 + steps((3 * number + 1) // 2)
        else:
            result = 1 + steps(number // 2)
        memo[number] = result
        calls["made"] += 1
        return result


def work(number, limit, best):
    longest = 0
    for start in range(1, limit):
        longest = max(longest, steps(start))
    best[number] = longest


best = [0] * 4
in_threads(work, scaled(90_000), best)
finish((best, calls["made"] == len(memo)))
