"""The worker: what it does at the same time."""

from app.commands.worker import worker


def test_a_long_task_does_not_hold_up_the_letters() -> None:
    threads = next(option for option in worker.params if option.name == "threads")
    assert threads.default == 4
