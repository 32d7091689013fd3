"""The load of the processor is a share, and more when there is work."""

from __future__ import annotations

import time

from xlam_backend.training import device_meter
from xlam_backend.training.device_meter import DeviceMeter


def test_the_processors_load_is_what_it_worked(monkeypatch):
    clock = {"wall": 100.0, "busy": 5.0}
    monkeypatch.setattr(time, "monotonic", lambda: clock["wall"])
    monkeypatch.setattr(time, "process_time", lambda: clock["busy"])
    monkeypatch.setattr(device_meter, "usable_cores", lambda: 2)
    meter = DeviceMeter("cpu")
    clock.update(wall=104.0, busy=9.0)
    assert meter.load() == 0.5
    clock.update(wall=105.0, busy=99.0)  # more cores than may be used are not believed
    assert meter.load() == 1.0
    assert meter.load() is None  # no time has passed
