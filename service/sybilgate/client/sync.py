"""The client of threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self

import grpc
from google.protobuf.message import Message

from sybilgate.client import messages
from sybilgate.client.channel import Bearer, Metadata, Paths, options, tls
from sybilgate.client.errors import service_error
from sybilgate.client.messages import AnyEvent
from sybilgate.v1 import assessment_pb2, event_service_pb2, rescore_service_pb2
from sybilgate.v1.assessment_service_pb2_grpc import AssessmentServiceStub
from sybilgate.v1.event_service_pb2_grpc import EventServiceStub
from sybilgate.v1.rescore_service_pb2_grpc import RescoreServiceStub


class Client:
    """Calls the service. Every call raises ServiceError; ``timeout`` is in seconds and covers all retries of a call.
    Safe to share by threads.

    ``address`` is ``host:port``; a name that stands for several replicas (or ``ipv4:a:1,b:2``) makes calls go round.
    ``server_name`` is whom the certificate must name where the address does not say it.
    ``ca_file`` or ``credentials`` make it TLS; ``token`` or ``token_file`` say who is asking.
    """

    def __init__(
        self,
        address: str,
        *,
        credentials: grpc.ChannelCredentials | None = None,
        ca_file: Paths | None = None,
        token: str | None = None,
        token_file: Paths | None = None,
        server_name: str | None = None,
        timeout: float = 10.0,
    ) -> None:
        credentials = credentials or (tls(ca_file) if ca_file else None)
        self.channel = (
            grpc.insecure_channel(address, options(server_name))
            if credentials is None
            else grpc.secure_channel(address, credentials, options(server_name))
        )
        self._bearer = Bearer(token, token_file)
        self._timeout = timeout
        self._assessments = AssessmentServiceStub(self.channel)
        self._events = EventServiceStub(self.channel)
        self._rescore = RescoreServiceStub(self.channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def metadata(self) -> Metadata:
        """What every call carries: who is asking."""
        return self._bearer()

    def close(self) -> None:
        self.channel.close()

    def create_assessment(
        self,
        event: AnyEvent,
        *,
        request_id: str | None = None,
        full: bool = False,
        explain: bool = False,
        timeout: float | None = None,
    ) -> assessment_pb2.Assessment:
        """Records and assesses one event; pass the ``request_id`` of the first try when you try again yourself."""
        request = messages.assess(event, request_id, full, explain)
        return self.call(self._assessments.CreateAssessment, request, timeout)  # type: ignore[no-any-return]

    def get_assessment(self, name: str, *, full: bool = True) -> assessment_pb2.Assessment:
        return self.call(self._assessments.GetAssessment, messages.get(name, full))  # type: ignore[no-any-return]

    def list_assessments(self, account_id: str, *, full: bool = False) -> Iterator[assessment_pb2.Assessment]:
        """All assessments of an account, newest first, a page at a time."""
        request = messages.list_of(account_id, full)
        while True:
            page = self.call(self._assessments.ListAssessments, request)
            yield from page.assessments
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def create_event(self, event: AnyEvent, *, request_id: str | None = None) -> event_service_pb2.CreateEventResponse:
        return self.call(self._events.CreateEvent, messages.record(event, request_id))  # type: ignore[no-any-return]

    def create_events(
        self, events: Sequence[AnyEvent], *, request_id: str | None = None
    ) -> event_service_pb2.BatchCreateEventsResponse:
        """Up to 1,000 events, all or none."""
        request = messages.record_all(events, request_id)
        return self.call(self._events.BatchCreateEvents, request)  # type: ignore[no-any-return]

    def assess_accounts(
        self, account_ids: Sequence[str], *, request_id: str | None = None, full: bool = False, explain: bool = False
    ) -> rescore_service_pb2.AssessAccountsResponse:
        """Up to 1,000 existing accounts, each with an assessment or an error."""
        request = messages.assess_again(account_ids, request_id, full, explain)
        return self.call(self._rescore.AssessAccounts, request)  # type: ignore[no-any-return]

    def call(self, method: Any, request: Message, timeout: float | None = None) -> Any:
        """The answer of a stub's method, within the client's time or the one given. Raises ServiceError."""
        try:
            return method(request, timeout=timeout or self._timeout, metadata=self.metadata)
        except grpc.RpcError as error:
            raise service_error(error) from None
