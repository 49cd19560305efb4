from harness.data.splits import open_splits
from harness.plugins import discover
from harness.runner import Request, Setting, make_plan
from harness.tensors.device import Policy


def test_the_audit_of_the_data_is_in_every_run_and_in_no_key(tmp_path, tiny, plan, store, keep):
    from harness.schema import AuditCard

    before = plan("net").runs[0].spec
    card = AuditCard(version=1, clean_sha256="00", clean=40, exact=3, near=2)
    options = (str(tmp_path / "net.py"),)
    request = Request(models=("net", "short"), plugins=options, data_words="tiny")
    policy = Policy("cpu", "float32", 1)
    setting = Setting(tiny, open_splits(tiny), policy, store, card, tmp_path)
    runs = make_plan(request, discover(options), setting).runs
    assert all((run.spec.audit, run.spec.audited) == (card, str(tmp_path)) for run in runs)
    assert runs[0].spec.key == before.key
    assert (before.audit, before.audited) == (None, None)
    keep(store, before)
    [again, _] = make_plan(request, discover(options), setting).runs
    assert again.stored is not None
    assert again.why == "reused: done at 2026-01-02, assessed by the new audit of its data"
