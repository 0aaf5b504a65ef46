# expect: silent
"""Word count as it should be: a dict for each thread, merged by main."""

import threading

texts = ["to be or not", "to be that is", "the question be"]
parts = [None] * len(texts)


def count(number):
    counts = {}
    for word in texts[number].split():
        counts[word] = counts.get(word, 0) + 1
    parts[number] = counts


threads = [threading.Thread(target=count, args=(number,)) for number in range(len(texts))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
total = {}
for counts in parts:
    for word, number in counts.items():
        total[word] = total.get(word, 0) + number
print(sorted(total.items()))
