def test_a_speed_is_found_on_its_machine(store, speed):
    store.save_speed(speed())
    assert store.speed("m1", "net", speed().key) == speed()
    assert store.speed("m2", "net", speed().key) is None


def test_a_damaged_speed_is_measured_again(store, record, speed):
    store.save_speed(speed())
    (path,) = (store.root / "speed").glob("*/*.json")
    path.write_text("{")
    assert store.speed("m1", "net", speed().key) is None
    assert store.latest_speed(record()) is None


def test_the_latest_speed_is_that_measured_last_on_any_machine(store, on, record, speed):
    store.save_speed(speed(environment=on("a"), measured_at="2026-01-03"))
    store.save_speed(speed(environment=on("b"), measured_at="2026-01-02"))
    assert store.latest_speed(record()).environment.machine == "a"


def test_a_speed_that_failed_is_none(store, record, speed):
    assert store.latest_speed(record()) is None
    store.save_speed(speed(status="failed", reason="no"))
    assert store.latest_speed(record()) is None


def test_the_speed_of_another_model_is_not_taken(store, record, speed):
    store.save_speed(speed(model="my-net"))
    store.save_speed(speed(key="another-key-altogether"))
    assert store.latest_speed(record()) is None
