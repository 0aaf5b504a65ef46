"""The collector stops the world again and again while threads wait, wake each other, and spin."""

import gc

from support.knobs import scaled

from .call import BlockingCall
from .users import User, until_all_go_on
from .waiters import Waiter, check_state, until_parked


def collector(call: BlockingCall) -> None:
    gc.collect()
    gc.freeze()  # Leaves little to pass over, so that there are many collections.
    idle, busy = call.make(), call.make()
    waiter = Waiter(call, idle)
    until_parked(call, idle, waiter.thread)
    call.release(busy)
    crew = [User(call, busy) for _ in range(2)]
    for _ in range(scaled(3)):
        before = [user.rounds for user in crew]
        for _ in range(15):
            garbage: list[object] = [busy]
            garbage.append(garbage)
            gc.collect()
        until_all_go_on(crew, before, f"using {call} beside the collector")
    for user in crew:
        user.finish(call)
    until_parked(call, idle, waiter.thread)
    check_state(call, idle, call.untouched, "beside the collector")
    call.release(idle)
    waiter.finish("released after many collections")
