"""Dense: the game of life on two boards, some rows for each thread, a barrier between generations."""

import threading

from _workload import THREADS, finish, in_threads, scaled

SIZE = 64


def work(number, boards, barrier, generations):
    for generation in range(generations):
        now, then = boards[generation % 2], boards[1 - generation % 2]
        for row in range(number, SIZE, THREADS):
            above, this, below = now[row - 1], now[row], now[(row + 1) % SIZE]
            for column in range(SIZE):
                left, right = column - 1, (column + 1) % SIZE
                around = above[left] + above[column] + above[right] + this[left] + this[right]
                around += below[left] + below[column] + below[right]
                then[row][column] = 1 if around == 3 or (around == 2 and this[column]) else 0
        barrier.wait()


start = [[(row * 7 + column * 13) % 5 % 2 for column in range(SIZE)] for row in range(SIZE)]
boards, generations = [start, [[0] * SIZE for _ in range(SIZE)]], scaled(280)
in_threads(work, boards, threading.Barrier(THREADS), generations)
finish(sum(map(sum, boards[generations % 2])))
