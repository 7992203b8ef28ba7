"""The door: who is calling is established, and held against the policy, before any handler runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import grpc
from google.protobuf.message import Message
from grpc_status import rpc_status

from sybilgate.core.event import EventType
from sybilgate.core.trust import Caller, Role, TokenRecord
from sybilgate.errors import PermissionDenied, SybilgateError, Unauthenticated
from sybilgate.rpc.probing import Probing
from sybilgate.rpc.rights import ANYBODY, POLICY, RIGHTS, enter
from sybilgate.rpc.status import status_of
from sybilgate.v1 import assessment_pb2

_BEARER = "Bearer "
#: What a peer's certificate is called by, most specific first.
_NAMES = ("x509_subject_alternative_name", "x509_common_name")
#: The four kinds of handler: attribute, and what makes one. A streamed request is not looked into.
_MAKERS = {
    "unary_unary": grpc.unary_unary_rpc_method_handler,
    "unary_stream": grpc.unary_stream_rpc_method_handler,
    "stream_unary": grpc.stream_unary_rpc_method_handler,
    "stream_stream": grpc.stream_stream_rpc_method_handler,
}


class Book(Protocol):
    """Tokens that are good now."""

    def find(self, text: str) -> TokenRecord | None: ...


class Door(Protocol):
    """Establishes who is calling. Raises Unauthenticated or Unavailable."""

    def __call__(self, context: grpc.ServicerContext) -> Caller: ...


def open_door(context: grpc.ServicerContext) -> Caller:
    """Asks nobody."""
    return ANYBODY


@dataclass(frozen=True)
class Guarded:
    """Asks for a bearer token, else for a certificate whose name is mapped to a role."""

    book: Book
    certificates: Mapping[str, Role] = field(default_factory=dict)

    def __call__(self, context: grpc.ServicerContext) -> Caller:
        for key, value in context.invocation_metadata():
            if key == "authorization":
                return self._of_token(value)
        for name in _peer_names(context) if self.certificates else ():
            role = self.certificates.get(name)
            if role is not None:
                return Caller(role, name, f"certificate:{name}")
        raise Unauthenticated("no token was given; send one as `authorization: Bearer …`")

    def _of_token(self, value: str | bytes) -> Caller:
        text = value if isinstance(value, str) else value.decode("ascii", "replace")
        record = self.book.find(text.removeprefix(_BEARER)) if text.startswith(_BEARER) else None
        if record is None:
            raise Unauthenticated("the token is unknown, expired or revoked")
        return Caller(Role(record.role), record.subject, record.token_id)


class Told(Protocol):
    """Is told of every call before it is done, and may raise: Unavailable, QuotaExceeded."""

    def __call__(self, who: Caller, method: str, request: Any) -> None: ...


@dataclass(frozen=True)
class Access:
    """Whom a server lets in, and who is told of it. By default anybody on this machine, and nobody.

    ``quotas`` bounds what he may ask, ``scribe`` writes it down, ``probing`` knows who asks the same again."""

    door: Door = open_door
    quotas: Told | None = None
    scribe: Told | None = None
    probing: Probing | None = None

    @property
    def open(self) -> bool:
        """Whether callers stay unknown."""
        return self.door is open_door


class AccessInterceptor(grpc.ServerInterceptor):  # type: ignore[misc]
    """Runs before any handler. Whom the door lets in, and the policy, works under his own name."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        handler = continuation(details)
        if handler is None:
            return None
        kind = next(name for name in _MAKERS if getattr(handler, name) is not None)
        inner, method = getattr(handler, kind), details.method

        def answered(request: Any, context: grpc.ServicerContext) -> Any:
            self._admit(method, request, context)
            return inner(request, context)

        def streamed(request: Any, context: grpc.ServicerContext) -> Any:
            self._admit(method, request, context)
            yield from inner(request, context)

        return _MAKERS[kind](
            streamed if handler.response_streaming else answered,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    def _admit(self, method: str, request: Any, context: grpc.ServicerContext) -> None:
        try:
            who = self._access.door(context)
            _check(method, who, request)
            for told in (self._access.quotas, self._access.scribe):
                if told is not None:
                    told(who, method, request)
        except SybilgateError as error:
            context.abort_with_status(rpc_status.to_status(status_of(error)))
        enter(who)


def _check(method: str, who: Caller, request: Any) -> None:
    """Hold a call against the policy, and put the caller's own name where a request names who says something.

    Raises PermissionDenied before anything is done, so that nobody counts an event by asking for too much."""
    if who.role not in POLICY.get(method, ()):
        raise PermissionDenied(f"the role {who.role.value} does not open {method}")
    if not isinstance(request, Message):
        return
    rights, fields = RIGHTS[who.role], request.DESCRIPTOR.fields_by_name
    if "view" in fields and not rights.full and request.view == assessment_pb2.ASSESSMENT_VIEW_FULL:
        raise PermissionDenied(f"the FULL view is not for the role {who.role.value}")
    if not rights.truth and any(event.type == EventType.OUTCOME for event in _events(request)):
        raise PermissionDenied(f"outcomes are not told by the role {who.role.value}")
    if "reviewer" in fields and who.subject:
        request.reviewer = who.subject


def _events(request: Any) -> list[Any]:
    fields = request.DESCRIPTOR.fields_by_name
    return list(request.events) if "events" in fields else [request.event] if "event" in fields else []


def _peer_names(context: grpc.ServicerContext) -> list[str]:
    found = context.auth_context()
    return [name.decode("utf-8", "replace") for key in _NAMES for name in found.get(key, ())]
