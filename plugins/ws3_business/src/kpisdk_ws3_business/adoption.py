"""Who uses the platform: monthly and weekly active users."""

from kpisdk import (
    CENSUS,
    Frequency,
    Governance,
    Kpi,
    Simple,
    Trailing,
    Unit,
    ViewColumn,
    ViewFigure,
    count_distinct,
)
from kpisdk_ws3_business.datasets import USER_SESSIONS
from kpisdk_ws3_business.french import FRENCH

WORKSTREAM = "ws3_business"

ACTIVE_USERS = count_distinct(USER_SESSIONS, USER_SESSIONS["user_id"])
"""Users with a session in the window: of a month for one KPI, of a week for the other."""

KPIS = (
    Kpi(
        id="WS3-BI-001",
        translations={"fr": FRENCH["WS3-BI-001"]},
        name="Monthly Active Users (MAU)",
        workstream=WORKSTREAM,
        definition="Distinct users who started a session in the last 30 days.",
        calculation_type="direct",
        formula="count(distinct user_id) where session_start >= now - 30 days",
        calculation=Simple(ACTIVE_USERS),
        unit=Unit.COUNT,
        sampling=CENSUS,
        frequency=Frequency.DAILY,
        target=2000,
        warning=1500,
        critical=1000,
        window=Trailing(30),
        clock=True,
        view=ViewColumn(
            "v_kpi_active_users",
            "mau",
            beside=(ViewFigure("dau", ("value",), window=Trailing(1)),),
        ),
        slug="monthly_active_users",
        governance=Governance(
            objective="Have people use the platform at all",
            numerator="distinct users with a session that started in the window",
            granularity="user",
            segment="all users",
            source="user_sessions",
            owner="Platform product",
            gaming_risk="sessions opened by scripts or shared accounts",
            controls="read beside WS3-BI-002 (weekly use); leave service accounts out",
        ),
    ),
    Kpi(
        id="WS3-BI-002",
        translations={"fr": FRENCH["WS3-BI-002"]},
        name="Weekly Active Users (WAU)",
        workstream=WORKSTREAM,
        definition="Distinct users who started a session in the last 7 days.",
        calculation_type="direct",
        formula="count(distinct user_id) where session_start >= now - 7 days",
        calculation=Simple(ACTIVE_USERS),
        unit=Unit.COUNT,
        sampling=CENSUS,
        frequency=Frequency.DAILY,
        target=1200,
        warning=900,
        critical=600,
        window=Trailing(7),
        clock=True,
        view=ViewColumn("v_kpi_active_users", "wau"),
        slug="weekly_active_users",
        governance=Governance(
            objective="Have people come back to the platform every week",
            numerator="distinct users with a session that started in the window",
            granularity="user",
            segment="all users",
            source="user_sessions",
            owner="Platform product",
            gaming_risk="sessions opened by scripts or shared accounts",
            controls="read beside WS3-BI-001 (monthly use); leave service accounts out",
        ),
    ),
)
