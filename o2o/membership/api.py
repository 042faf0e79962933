"""HTTP of membership: a member's own pages, the till's look, head office's hand."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from o2o.identity import accounts
from o2o.infra.http import Clerk, Customer, Db, Edge, Hq, Now, Once
from o2o.kit import ids
from o2o.kit.ids import MemberId
from o2o.kit.wire import Code
from o2o.membership import coupons, members, points, queries
from o2o.membership.schemas import (
    AdjustmentBody,
    BalanceOut,
    CampaignBody,
    CouponOut,
    EntryPage,
    IssueBody,
    IssuedOut,
    MemberOut,
    TillMemberOut,
)

router = APIRouter(prefix="/api", tags=["membership"], route_class=Edge)

CampaignPath = Annotated[Code, Path(examples=["welcome"])]


@router.get("/member", operation_id="getMember", summary="My membership", response_model=MemberOut)
def get_member(db: Db, now: Now, caller: Customer) -> MemberOut:
    """Opened here if the news of the registration is still on its way."""
    member_id = MemberId(caller.account_id)
    members.open(db, member_id=member_id, name=accounts.get(db, account_id=member_id).name, now=now)
    return queries.overview(db, member_id=member_id, now=now)


@router.get("/member/points", operation_id="listPoints", summary="My points, line by line", response_model=EntryPage)
def list_points(
    db: Db,
    caller: Customer,
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> EntryPage:
    """Newest first."""
    return queries.ledger(db, member_id=MemberId(caller.account_id), before=before, limit=limit)


@router.get("/member/coupons", operation_id="listCoupons", summary="My coupons", response_model=list[CouponOut])
def list_coupons(db: Db, now: Now, caller: Customer) -> list[CouponOut]:
    """Usable ones first."""
    return queries.all_coupons(db, member_id=MemberId(caller.account_id), now=now)


@router.get(
    "/members/{code}",
    operation_id="readMemberCode",
    summary="The member who shows a code",
    response_model=TillMemberOut,
)
def read_member_code(
    db: Db, now: Now, _: Clerk, code: Annotated[str, Path(pattern=r"^M[0-9]{12}$", examples=["M123456789015"])]
) -> TillMemberOut:
    """For the till: the name is shortened."""
    return queries.at_the_till(db, code=code, now=now)


@router.post(
    "/members/{member_id}/adjustments",
    operation_id="adjustPoints",
    summary="Give or take points",
    response_model=BalanceOut,
    status_code=201,
)
def adjust_points(db: Db, now: Now, caller: Hq, once: Once, member_id: uuid.UUID, body: AdjustmentBody) -> Response:
    """The approver and the reason are kept."""
    return once(
        caller,
        lambda: BalanceOut(
            points_balance=points.adjust(
                db,
                member_id=MemberId(member_id),
                adjustment_id=ids.new_id(),
                points=body.points,
                reason=body.reason,
                approver_id=caller.account_id,
                now=now,
            )
        ),
        status=201,
    )


@router.post(
    "/members/{member_id}/coupons",
    operation_id="issueCoupon",
    summary="Give a member a coupon",
    response_model=IssuedOut,
    status_code=201,
)
def issue_coupon(db: Db, now: Now, caller: Hq, once: Once, member_id: uuid.UUID, body: IssueBody) -> Response:
    """One coupon on the campaign's present terms."""

    def issued() -> IssuedOut:
        cause = f"hq:{ids.new_id()}"
        return IssuedOut(
            coupon_id=coupons.issue(db, member_id=MemberId(member_id), campaign=body.campaign, cause=cause, now=now)
        )

    return once(caller, issued, status=201)


@router.put(
    "/campaigns/{code}",
    operation_id="putCampaign",
    summary="Add or change a campaign",
    status_code=204,
    response_model=None,
)
def put_campaign(db: Db, _: Hq, code: CampaignPath, body: CampaignBody) -> Response:
    """Coupons already issued keep their terms."""
    coupons.save_campaign(db, campaign=coupons.CampaignIn(code=code, **body.model_dump()))
    return Response(status_code=204)
