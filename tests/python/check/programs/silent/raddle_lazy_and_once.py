# expect: silent
"""raddle's once, Lazy and OnceMap: the factory runs once, and before anybody has the result."""

import raddle

state = {"runs": 0}


class Client:
    def __init__(self, name):
        self.name = name
        self.made_in_run = state["runs"]


def build():
    state["runs"] += 1
    return Client("lazy")


lazy = raddle.Lazy(build)
clients = raddle.OnceMap(Client)


@raddle.once
def settings():
    return {"level": 1}


def work():
    for _ in range(5):
        assert lazy.get().made_in_run == 1
        assert clients.get("db").name == "db"
        assert settings()["level"] == 1


threads = [raddle.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(state)
