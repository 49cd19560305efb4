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


def test_side_by_side_models_are_timed_on_the_machine_that_most_of_them_share(
    store, on, record, speed
):
    """Though one of them was timed later on another machine, and one there alone."""
    for model in ("one", "two"):
        store.save_speed(speed(model=model, environment=on("a"), measured_at="2026-01-02"))
    for model in ("one", "three"):
        store.save_speed(speed(model=model, environment=on("b"), measured_at="2026-01-03"))
    runs = [record(model=model) for model in ("one", "two", "three", "four")]
    found = store.speeds_side_by_side(runs)
    assert [one and one.environment.machine for one in found] == ["b", "a", "b", None]
    found = store.speeds_side_by_side([runs[0], runs[1], runs[1]])
    assert [one.environment.machine for one in found] == ["a", "a", "a"]


def test_of_machines_that_timed_equally_many_the_one_that_measured_last_is_taken(
    store, on, record, speed
):
    store.save_speed(speed(environment=on("a"), measured_at="2026-01-03"))
    store.save_speed(speed(environment=on("b"), measured_at="2026-01-02"))
    [found] = store.speeds_side_by_side([record()])
    assert found.environment.machine == "a"


def test_a_speed_that_failed_is_none_but_is_shown_where_there_is_no_other(store, on, record, speed):
    assert store.speeds_side_by_side([record()]) == [None]
    failed = speed(status="failed", reason="no", measured_at="2026-01-03")
    store.save_speed(failed)
    assert store.speeds(record()) == ()
    assert store.speeds_side_by_side([record()]) == [failed]
    done = speed(environment=on("b"), measured_at="2026-01-02")
    store.save_speed(done)
    assert store.speeds(record()) == (done,)
    assert store.speeds_side_by_side([record()]) == [done]


def test_a_speed_that_failed_takes_the_place_of_none_that_is_done(store, speed):
    failed, done = speed(status="failed", reason="no"), speed(measured_at="2026-01-02")
    for saved, expected in ((failed, failed), (done, done), (failed, done)):
        store.save_speed(saved)
        assert store.speed("m1", "net", speed().key) == expected


def test_the_speed_of_another_model_is_not_taken(store, record, speed):
    store.save_speed(speed(model="my-net"))
    store.save_speed(speed(key="another-key-altogether"))
    assert store.speeds(record()) == ()
