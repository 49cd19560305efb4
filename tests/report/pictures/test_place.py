from itertools import combinations

from harness.report.pictures.place import Area, place

BOUNDS = Area(0, 0, 500, 300)


def test_names_stand_near_their_points_and_cover_nothing():
    points = [(50.0 + 30 * i, 250.0 - 12 * i) for i in range(12)]
    taken = [Area(x - 7, y - 7, x + 7, y + 7) for x, y in points]
    areas = [area for area in place(points, ["model"] * 12, taken, BOUNDS) if area]
    assert len(areas) >= 8
    assert not any(one.meets(two) for one, two in combinations([*areas, *taken], 2) if one in areas)
    assert all(area.within(BOUNDS) for area in areas)


def test_a_name_without_room_is_left_out():
    spots = [(100.0, 100.0)] * 60
    areas = place(spots, ["a long name of a model"] * 60, [], BOUNDS)
    assert None in areas
    assert areas[0] is not None


def test_a_name_at_the_edge_stands_on_the_other_side():
    (area,) = place([(490.0, 100.0)], ["model"], [], BOUNDS)
    assert area is not None
    assert area.right < 490
