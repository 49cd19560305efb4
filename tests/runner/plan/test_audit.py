from harness.runner import make_plan
from harness.schema import AuditCard


def test_the_audit_of_the_data_is_in_every_run_and_in_no_key(tmp_path, plan, store, keep):
    plain = [run.spec for run in plan("net", "short").runs]
    assert {(spec.audit, spec.audited) for spec in plain} == {(None, None)}
    card = AuditCard(version=1, clean_sha256="00", clean=40, exact=3, near=2)
    audited = [spec.model_copy(update={"audit": card, "audited": str(tmp_path)}) for spec in plain]
    keep(store, plain[0])
    [again, other] = make_plan(audited, store).runs
    assert again.why == "reused: done at 2026-01-02, assessed by the new audit of its data"
    assert other.why == "new"
