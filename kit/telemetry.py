"""Metrics for Prometheus and spans for OpenTelemetry.

Spans are written as JSON lines when `SFD_TRACE_FILE` is set: one object per ended span with `name`, `start`, `end` (Unix seconds),
`trace_id`, `attributes`. Metrics are served by each process on its metrics port.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from prometheus_client import Counter, Gauge, Histogram, start_http_server

RPC_SECONDS = Histogram("sfd_rpc_seconds", "Time of served RPCs", ["method", "outcome"])
JOBS_DONE = Counter("sfd_jobs_done_total", "Jobs a worker has ended", ["kind", "outcome"])
JOBS_DUE = Gauge("sfd_jobs_due", "Jobs that could be leased now", ["queue"])
EVENTS_RELAYED = Counter("sfd_events_relayed_total", "Events given a position and published")
WEBHOOKS_SENT = Counter("sfd_webhooks_sent_total", "Tries of webhook deliveries by their outcome", ["outcome"])
PAID_CALLS = Counter("sfd_paid_calls_total", "Paid calls by their end", ["vendor", "outcome"])


class LineExporter(SpanExporter):
    """Appends ended spans to a file, one JSON object a line."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Writes the spans; always succeeds or raises OSError."""
        for span in spans:
            line = {
                "name": span.name,
                "start": (span.start_time or 0) / 1e9,
                "end": (span.end_time or 0) / 1e9,
                "trace_id": f"{span.context.trace_id:032x}" if span.context else "",
                "attributes": dict(span.attributes or {}),
            }
            self._file.write(json.dumps(line) + "\n")
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Closes the file."""
        self._file.close()


def configure_tracing(service: str, trace_file: str) -> None:
    """Sends this process's spans to `trace_file`; does nothing when it is empty."""
    if not trace_file:
        return
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(SimpleSpanProcessor(LineExporter(Path(trace_file))))
    trace.set_tracer_provider(provider)


@contextmanager
def span(name: str, **attributes: str | int | float | bool) -> Iterator[None]:
    """A span around the block. Names begin with `model.`, `encoder.` or `vendor.` where real work happens."""
    with trace.get_tracer("sfd").start_as_current_span(name, attributes=attributes):
        yield


def serve_metrics(port: int) -> None:
    """Serves this process's metrics on loopback; does nothing when `port` is 0."""
    if port:
        start_http_server(port, addr="127.0.0.1")
