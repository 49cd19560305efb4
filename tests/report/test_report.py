import subprocess
import sys

import pytest

import harness.report

HEAVY = {"torch", "numpy", "pandas", "matplotlib", "scipy", "jinja2"}


def loaded_by(statement):
    code = f"import sys\n{statement}\nprint(*(m for m in {sorted(HEAVY)} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_room_loads_nothing_heavy():
    assert not loaded_by("import harness.report")


def test_the_screen_needs_no_pandas_and_no_matplotlib():
    assert not loaded_by("from harness.report import compare, print_table")


def test_writing_a_report_never_needs_torch():
    assert "torch" not in loaded_by("from harness.report import write_report")


def test_what_takes_long_to_load_is_not_loaded_before_it_is_needed():
    statement = (
        "import harness.evaluate.assess, harness.evaluate.paired, harness.execute\n"
        "from harness.report import with_ensembles, with_pairs, write_report"
    )
    code = f"{statement}\nimport sys\nprint(*({{'sklearn', 'scipy.stats'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_an_unknown_name_is_named_in_the_error():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = harness.report.nonsense
