import os
import signal
import threading
import time

import pytest

from mitokeras.watch.stopping import Stop, Stopped, stop_on_signals

posix = pytest.mark.skipif(os.name != "posix", reason="raises signals as POSIX does")


def test_a_request_ends_the_waits_of_another_thread() -> None:
    stop = Stop()
    threading.Timer(0.1, stop.request).start()
    stop.pause(1000)
    stop.doze(1000)
    assert stop.requested


def test_waking_ends_a_doze_but_no_pause() -> None:
    stop = Stop()
    stop.wake()
    begin = time.monotonic()
    stop.pause(0.2)
    assert time.monotonic() - begin >= 0.2
    stop.doze(1000)  # woken before
    threading.Timer(0.1, stop.wake).start()
    stop.doze(1000)
    assert not stop.requested


def test_a_thousand_wakes_shorten_one_doze_only() -> None:
    stop = Stop()
    for _ in range(1000):
        stop.wake()
    stop.doze(0.1)
    begin = time.monotonic()
    stop.doze(0.2)
    assert time.monotonic() - begin >= 0.2


def test_a_signal_outside_the_block_only_asks() -> None:
    with stop_on_signals() as stop:
        signal.raise_signal(signal.SIGTERM)
        assert stop.requested


def test_a_signal_inside_the_block_ends_it_once() -> None:
    with stop_on_signals() as stop:
        with pytest.raises(Stopped), stop.interruptible():
            try:
                signal.raise_signal(signal.SIGINT)
            finally:
                signal.raise_signal(signal.SIGINT)  # the cleaning up is left alone
                cleaned = True
        assert stop.requested and cleaned
        signal.raise_signal(signal.SIGINT)  # outside again


def test_a_signal_just_before_the_block_keeps_it_from_beginning() -> None:
    stop = Stop()
    stop.request()
    with pytest.raises(Stopped), stop.interruptible():
        pytest.fail("it began")


def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with stop_on_signals():
        assert signal.getsignal(signal.SIGTERM) != before[0]
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


@posix
def test_signals_during_waits_never_lock_up() -> None:
    with stop_on_signals() as stop:

        def send() -> None:
            for _ in range(200):
                os.kill(os.getpid(), signal.SIGTERM)

        signals = threading.Thread(target=send)
        signals.start()
        while signals.is_alive():
            stop.requested = False
            stop.pause(0.001)
        signals.join()
