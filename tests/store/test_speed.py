def test_a_speed_is_found_on_its_machine(store, speed):
    store.save_speed(speed())
    assert store.speed("m1", "net", speed().key) == speed()
    assert store.speed("m2", "net", speed().key) is None


def test_a_damaged_speed_is_measured_again(store, record, speed):
    store.save_speed(speed())
    (path,) = (store.root / "speed").glob("*/*.json")
    path.write_text("{")
    assert store.speed("m1", "net", speed().key) is None
    assert store.speeds(record()) == ()


def test_a_timing_that_failed_is_no_speed(store, on, record, speed):
    failed = speed(status="failed", reason="no", measured_at="2026-01-03")
    store.save_speed(failed)
    assert store.speeds(record()) == ()
    assert store.timings(record()) == [failed]
    done = speed(environment=on("b"), measured_at="2026-01-02")
    store.save_speed(done)
    assert store.speeds(record()) == (done,)
    assert store.timings(record()) == [done, failed]


def test_a_speed_that_failed_takes_the_place_of_none_that_is_done(store, speed):
    failed, done = speed(status="failed", reason="no"), speed(measured_at="2026-01-02")
    for saved, expected in ((failed, failed), (done, done), (failed, done)):
        store.save_speed(saved)
        assert store.speed("m1", "net", speed().key) == expected


def test_the_speed_of_another_model_is_not_taken(store, record, speed):
    store.save_speed(speed(model="my-net"))
    store.save_speed(speed(key="another-key-altogether"))
    assert store.speeds(record()) == ()
