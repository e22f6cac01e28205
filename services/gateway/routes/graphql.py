"""`/graphql`: one document a request, by POST in JSON or, for queries, by GET."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from kit.context import call_scope, request_id
from services.gateway import body as bodies
from services.gateway import docs, headers, problems
from services.gateway.gateway import gateway
from services.gateway.graph import schema as graph
from services.gateway.graph.loaders import Context, Loaders
from services.gateway.responses import NO_STORE, JsonResponse
from services.gateway.views import replies
from services.gateway.views.models import GraphqlBody

router = APIRouter(tags=["graphql"])
_SCHEMA = graph.build()
SECONDS = 150.0
"""How long one document may take: longer than a mutation waits."""
Name = Annotated[str | None, Query(max_length=200)]


@router.post(
    "/graphql",
    response_model=None,
    responses={200: {"model": replies.GraphqlReply}, **docs.errors(400, 413, 415, 422)},
    openapi_extra=docs.body(GraphqlBody),
)
async def post_graphql(request: Request) -> JsonResponse:
    """Answers a GraphQL document, query or mutation. What goes wrong inside it is told in `errors`, with the request's id."""
    parsed = await bodies.read(request, GraphqlBody)
    told = parsed.value
    return await _answer(request, told.query, told.variables, told.operationName, headers.ignored(parsed.ignored))


@router.get(
    "/graphql",
    response_model=None,
    responses={200: {"model": replies.GraphqlReply}, **docs.errors(400, 422)},
)
async def get_graphql(
    request: Request,
    query: Annotated[str, Query(min_length=1, max_length=8_000)],
    variables: Annotated[str | None, Query(max_length=8_000)] = None,
    operationName: Name = None,
) -> JsonResponse:
    """Answers a GraphQL query. `variables` is a JSON object. Mutations need POST."""
    bodies.check_text(query, ("query",), "query")
    values = bodies.parse_object(variables.encode("utf-8", "surrogatepass")) if variables else None
    return await _answer(request, query, values, operationName, {}, OperationType.QUERY)


async def _answer(
    request: Request,
    query: str,
    variables: dict[str, Any] | None,
    operation: str | None,
    told: dict[str, str],
    *kinds: OperationType,
) -> JsonResponse:
    context = Context(request, Loaders(gateway(request)))
    try:
        with call_scope(seconds=SECONDS):
            result = await _SCHEMA.execute(
                query,
                variable_values=variables,
                context_value=context,
                operation_name=operation,
                allowed_operation_types=kinds or tuple(OperationType),
            )
    except CannotGetOperationTypeError:
        raise problems.bad_request(
            "Name one of the document's operations", "unknown_operation", field="operationName"
        ) from None
    except InvalidOperationTypeError:
        raise problems.Problem(
            405,
            "Method Not Allowed",
            "This operation needs POST.",
            detail="Method Not Allowed",
            reason="method_not_allowed",
            headers={"Allow": "POST"},
        ) from None
    reply: dict[str, Any] = {"data": result.data}
    if result.errors:
        reply["errors"] = [graph.error_json(error, request_id()) for error in result.errors]
    return JsonResponse(reply, headers={"Cache-Control": NO_STORE, **told})
