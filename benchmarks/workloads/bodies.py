"""Dense, but nothing is shared: each thread moves a small solar system of its own."""

from _workload import finish, in_threads, scaled


class Body:
    def __init__(self, x, y, z, mass):
        self.x, self.y, self.z = x, y, z
        self.vx = self.vy = self.vz = 0.0
        self.mass = mass


def advance(bodies, step):
    for number, one in enumerate(bodies):
        for other in bodies[number + 1 :]:
            dx, dy, dz = one.x - other.x, one.y - other.y, one.z - other.z
            pull = step / ((dx * dx + dy * dy + dz * dz) ** 1.5)
            one.vx -= dx * other.mass * pull
            one.vy -= dy * other.mass * pull
            one.vz -= dz * other.mass * pull
            other.vx += dx * one.mass * pull
            other.vy += dy * one.mass * pull
            other.vz += dz * one.mass * pull
    for body in bodies:
        body.x += step * body.vx
        body.y += step * body.vy
        body.z += step * body.vz


def work(number, times, results):
    bodies = [Body(place + 1.0, place * 0.5 - 1.0, place * 0.1, 1.0 / (place + 1)) for place in range(5)]
    for _ in range(times):
        advance(bodies, 0.001)
    results[number] = sum(body.x + body.vy for body in bodies)


results = [0.0] * 4
in_threads(work, scaled(14_000), results)
finish([round(result, 9) for result in results])
