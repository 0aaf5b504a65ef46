"""Dense: each thread computes rows of a product of matrices that all of them read."""

from _workload import THREADS, finish, in_threads, scaled


def work(number, left, right, product):
    size = len(left)
    for row in range(number, size, THREADS):
        for column in range(size):
            total = 0
            for place in range(size):
                total += left[row][place] * right[place][column]
            product[row][column] = total


size = int(scaled(4_000_000) ** (1 / 3))
left = [[(row * column) % 7 for column in range(size)] for row in range(size)]
right = [[(row + column) % 5 for column in range(size)] for row in range(size)]
product = [[0] * size for _ in range(size)]
in_threads(work, left, right, product)
finish(sum(map(sum, product)))
