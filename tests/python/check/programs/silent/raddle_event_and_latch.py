# expect: silent
"""raddle's Event and Latch: what is before set and count_down is before what comes after wait."""

import raddle

ready, done = raddle.Event(), raddle.Latch(2)
parts = [0, 0]
state = {"base": 0}


def work(number):
    ready.wait()
    parts[number] += state["base"] + number
    done.count_down()


threads = [raddle.Thread(target=work, args=(number,)) for number in range(2)]
for thread in threads:
    thread.start()
state["base"] += 10
ready.set()
done.wait()
parts[0] += 1
parts[1] += 1
print(parts)
for thread in threads:
    thread.join()
