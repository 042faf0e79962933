"""What this installation tells anybody who asks."""

from fastapi.testclient import TestClient

from o2o.orders import pricing


def test_how_much_heavier_a_weighed_piece_may_be_charged_is_told_as_it_is_priced(client: TestClient) -> None:
    told = client.get("/api/config").json()
    pct = told["weight_tolerance_pct"]
    assert pricing.ceiling(1_000, 1_000) == 1_000 * (100 + pct) // 100
    assert pricing.ceiling(2_580, 500) == -(-2_580 * 500 * (100 + pct) // 100_000)
