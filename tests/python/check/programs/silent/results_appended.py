# expect: silent
"""All threads append to one list and add to one set, main reads them after the join."""

import threading

results, seen = [], set()


def work(base):
    for number in range(20):
        results.append(base + number)
        seen.add(number)


threads = [threading.Thread(target=work, args=(base,)) for base in (0, 100, 200)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for number in sorted(results)[:3]:
    print(number)
print(sum(results), len(seen))
