"""The worker's settings fit together: a killed worker's messages come back soon, and none is taken from a living one too early."""

from o2o import worker


def test_a_follower_is_done_with_its_message_before_it_would_come_back() -> None:
    options = worker.app.conf.broker_transport_options
    held_s = worker.follow.retry_backoff_max + worker.follow.time_limit
    assert held_s < options["visibility_timeout"] <= 60
    assert options["unacked_mutex_expire"] <= options["visibility_timeout"]
    assert options["unacked_restore_interval"] * options["unacked_restore_throttle"] <= 5
    assert worker.app.conf.task_acks_late
