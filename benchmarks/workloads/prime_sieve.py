"""Each thread sieves a slice of a bytearray that all of them share."""

from _workload import THREADS, finish, in_threads, scaled


def small_primes(limit):
    return [number for number in range(2, limit) if all(number % it for it in range(2, int(number**0.5) + 1))]


def work(number, marks, primes, counts):
    size = len(marks) // THREADS
    start, end = number * size, (number + 1) * size
    for prime in primes:
        for place in range(max(prime * prime, (start + prime - 1) // prime * prime), end, prime):
            marks[place] = 1
    count = 0
    for place in range(max(2, start), end):
        if not marks[place]:
            count += 1
    counts[number] = count


size = scaled(4_000_000)
marks, counts = bytearray(size), [0] * THREADS
in_threads(work, marks, small_primes(int(size**0.5) + 1), counts)
finish(sum(counts))
