# expect: silent
"""What as_completed gives out and what wait calls done is done."""

from concurrent.futures import ThreadPoolExecutor, as_completed, wait

boxes = [{"n": number} for number in range(10)]


def step(box):
    box["n"] += 1
    return box


with ThreadPoolExecutor(3) as pool:
    for future in as_completed([pool.submit(step, box) for box in boxes]):
        future.result()["n"] += 1
    done, pending = wait([pool.submit(step, box) for box in boxes])
    for box in boxes:
        box["n"] += 1
print(sum(box["n"] for box in boxes), len(done), len(pending))
