"""What people wait for, printed beside the plain way; only the number of wrong pages is a promise to assert."""

from dev.bench.speed import alone, measure
from dev.demo.stage import stage


def test_no_visitor_sees_a_wrong_page_during_a_push() -> None:
    with stage() as here:
        lives, plain = measure(here, rounds=3)
    print("\n".join(map(str, alone(lives, plain))))
    assert [life.wrong for life in lives] == [0, 0, 0]
    assert all(life.probes > 50 for life in lives)
