"""Usage, prices and budgets as the media contract documents them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from services.gateway.body import Body, StrictBody
from services.gateway.views.generations import VideoGenerationResponse

Name = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Usd = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
_DAY = "2026-11-20"


class VideoEstimateBody(Body):
    """A film to estimate; the same body makes it."""

    model: Annotated[str, StringConstraints(min_length=1, max_length=128)] = Field(examples=["sora-2"])
    prompt: Annotated[str, StringConstraints(max_length=32_000)]
    provider: Annotated[str, StringConstraints(max_length=64)] | None = Field(default=None, examples=["openai"])
    duration: int | None = Field(default=5, ge=1, le=3600, examples=[5])
    aspect_ratio: Annotated[str, StringConstraints(max_length=16)] | None = Field(default="16:9", examples=["16:9"])
    seed: int | None = None
    fps: int | None = Field(default=None, ge=1, le=240, examples=[30])


class OwnPrice(StrictBody):
    """What the account pays for a unit of a model, such as a second."""

    provider: Name
    model: Name = Field(examples=["gen4.5"])
    unit: Name = Field(default="seconds", examples=["seconds"])
    usd: Usd = Field(examples=[0.09])


class OwnPricesBody(StrictBody):
    """All prices of the account; those that are not listed are dropped."""

    prices: list[OwnPrice] = Field(max_length=500)


class CreateBudgetBody(StrictBody):
    """A budget of the account, or of the key with number `key_id`. A limit that is absent or 0 does not limit."""

    key_id: int | None = Field(default=None, ge=1, le=1_000_000_000, examples=[1])
    daily_usd: Usd | None = Field(default=None, examples=[25.0])
    monthly_usd: Usd | None = Field(default=None, examples=[200.0])
    per_job_usd: Usd | None = Field(default=None, examples=[2.5])


class UpdateBudgetBody(StrictBody):
    """Changes of a budget: what is absent stays, null or 0 takes a limit away."""

    daily_usd: Usd | None = Field(default=None, examples=[25.0])
    monthly_usd: Usd | None = Field(default=None, examples=[200.0])
    per_job_usd: Usd | None = Field(default=None, examples=[2.5])


class GroupSums(BaseModel):
    """Sums of one provider, or of one model."""

    provider: str
    model: str | None = None
    count: int = Field(examples=[4])
    total_cost: float = Field(examples=[2.0])
    avg_time: float = Field(examples=[41.2])


class UsageStatsResponse(BaseModel):
    """Films of no drama: those that are there, and what all of them have cost, also those that were removed. US dollars and seconds."""

    total_generations: int = Field(examples=[4])
    total_cost: float = Field(examples=[2.0])
    total_success: int = Field(examples=[3])
    total_failure: int = Field(examples=[1])
    success_rate: float = Field(examples=[0.75])
    by_provider: list[GroupSums]
    by_model: list[GroupSums]
    recent_generations: list[VideoGenerationResponse]


class UsageSummary(BaseModel):
    """Sums over the range."""

    total_generations: int = Field(examples=[4])
    total_cost: float = Field(examples=[2.0])
    total_video_duration: float = Field(examples=[20.0])
    total_processing_time: float = Field(examples=[164.8])
    average_cost_per_generation: float = Field(examples=[0.5])


class DailyUsage(BaseModel):
    """One day of UTC."""

    date: str = Field(examples=[_DAY])
    count: int = Field(examples=[4])
    cost: float = Field(examples=[2.0])
    duration: float = Field(examples=[20.0])
    success: int = Field(examples=[3])
    failed: int = Field(examples=[1])


class ProviderUsage(BaseModel):
    """One provider."""

    provider: str
    count: int = Field(examples=[4])
    cost: float = Field(examples=[2.0])
    duration: float = Field(examples=[20.0])
    avg_cost_per_second: float = Field(examples=[0.1])


class DramaUsage(BaseModel):
    """One drama; null for what belongs to none."""

    drama_id: str | None
    count: int = Field(examples=[4])
    cost: float = Field(examples=[2.0])
    duration: float = Field(examples=[20.0])


class DateRange(BaseModel):
    """The first and the last day, both included; null for an open end."""

    start: str | None = Field(default=None, examples=[_DAY])
    end: str | None = Field(default=None, examples=[_DAY])


class UsageDetailed(BaseModel):
    """Usage by day, provider and drama."""

    summary: UsageSummary
    daily: list[DailyUsage]
    by_provider: list[ProviderUsage]
    by_drama: list[DramaUsage]
    date_range: DateRange


class PriceExamples(BaseModel):
    """What films of these lengths cost."""

    five: float = Field(alias="5_seconds", examples=[0.5])
    ten: float = Field(alias="10_seconds", examples=[1.0])
    twenty: float = Field(alias="20_seconds", examples=[2.0])


class PriceRow(BaseModel):
    """The price of a model at 1280x720; `own` is true for a price of the account's own."""

    provider: str
    model: str
    per_second: float = Field(examples=[0.1])
    base_cost: float = Field(examples=[0.0])
    currency: str = Field(examples=["USD"])
    examples: PriceExamples
    own: bool = False


class PricingReply(BaseModel):
    """Prices of the older contract's models and of the catalogue's."""

    pricing: list[PriceRow]
    last_updated: str = Field(examples=["2025-10-07"])
    note: str


class EstimateBreakdown(BaseModel):
    """The parts of an estimate before the factor of the size."""

    base: float = Field(examples=[0.0])
    duration_cost: float = Field(examples=[0.5])


class EstimateReply(BaseModel):
    """What a film would cost. A name that stands for another model has that one in `resolved_model`, and its price too."""

    model: str
    provider: str
    duration: int = Field(examples=[5])
    aspect_ratio: str = Field(examples=["16:9"])
    estimated_cost: float = Field(examples=[0.5])
    per_second_rate: float = Field(examples=[0.1])
    resolution: str = Field(examples=["1280x720"])
    breakdown: EstimateBreakdown
    resolved_model: str | None = Field(default=None, examples=["openai/sim-video-1"])
    resolved_cost: float | None = Field(default=None, examples=[0.4])
    resolved_duration: int | None = Field(default=None, examples=[4])


class OwnPriceReply(BaseModel):
    """A price of the account's own."""

    provider: str
    model: str
    unit: str = Field(examples=["seconds"])
    usd: float = Field(examples=[0.09])
    updated_at: str


class OwnPricesReply(BaseModel):
    """All prices of the account's own."""

    prices: list[OwnPriceReply]


class BudgetReply(BaseModel):
    """A budget and what is spent of it: what calls have cost, and the price of those that are at work."""

    id: str = Field(examples=["0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"])
    key_id: int | None = Field(default=None, examples=[1])
    daily_usd: float | None = Field(default=None, examples=[25.0])
    monthly_usd: float | None = Field(default=None, examples=[200.0])
    per_job_usd: float | None = Field(default=None, examples=[2.5])
    spent_today_usd: float = Field(examples=[3.2])
    spent_this_month_usd: float = Field(examples=[41.0])
    created_at: str
    updated_at: str
