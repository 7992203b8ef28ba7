"""Jobs, their results and changes of standing as contract messages."""

from __future__ import annotations

from typing import Any

from sybilgate.app.difference import Difference
from sybilgate.core.rescoring import Choice, JobRecord, ResultRecord, StandingChange
from sybilgate.rpc.names import campaign_name
from sybilgate.rpc.render import assessment_name, axis, evidence, timestamp
from sybilgate.v1 import assessment_pb2
from sybilgate.v1 import rescore_job_pb2 as pb


def job(record: JobRecord) -> pb.RescoreJob:
    """The message; accounts that were listed one by one are not listed back."""
    message = pb.RescoreJob(
        name=f"rescoreJobs/{record.job_id}",
        filter=_filter(record),
        model_version=record.model,
        dry_run=bool(record.dry_run),
        state=pb.RescoreJobState.ValueType(record.state),
        create_time=timestamp(record.create_time),
        account_count=record.total,
        done_count=record.done,
        raised_count=record.raised,
        lowered_count=record.lowered,
        unknown_count=record.missing,
        watermark=record.watermark,
        work_seconds=record.seconds,
        accounts_per_second=record.done / record.seconds if record.seconds else 0.0,
        error=record.error,
    )
    for name in ("start_time", "end_time", "update_time"):
        if getattr(record, name):
            getattr(message, name).CopyFrom(timestamp(getattr(record, name)))
    return message


def _filter(record: JobRecord) -> pb.RescoreFilter:
    message = pb.RescoreFilter()
    if record.choice == Choice.DUE:
        message.due_by.CopyFrom(timestamp(record.due_by))
    elif record.choice == Choice.CAMPAIGN:
        message.campaign = campaign_name(record.campaign)
    elif record.choice == Choice.LISTED:
        message.accounts.SetInParent()
    else:
        message.all.SetInParent()
    return message


def result(record: ResultRecord, why: Difference | None, full: bool) -> pb.RescoreResult:
    """The message; evidence only where ``full``."""
    message = pb.RescoreResult(
        number=record.number,
        account_id=record.account_id,
        assessment=_assessment(record.account_id, record.assessment_id),
        risk=record.risk,
        decision=_decision(record.decision),
        previous_assessment=_assessment(record.account_id, record.previous),
        previous_risk=record.previous_risk,
        previous_decision=_decision(record.previous_decision),
    )
    if why is not None:
        for one in why.moved:
            told = message.reasons.add(code=one.code, text=one.text, axis=axis(one.axis))
            told.contribution, told.previous_contribution = one.now, one.before
        if full:
            message.new_evidence.extend(map(evidence, why.new))
            message.lost_evidence.extend(why.lost)
    return message


def change(record: StandingChange) -> pb.AssessmentChange:
    return pb.AssessmentChange(
        sequence=record.seq,
        account_id=record.account_id,
        assessment=_assessment(record.account_id, record.assessment_id),
        create_time=timestamp(record.time),
        cause=record.cause,
        risk=record.risk,
        decision=_decision(record.decision),
        previous_risk=record.previous_risk,
        previous_decision=_decision(record.previous_decision),
    )


def _assessment(account_id: str, assessment_id: str) -> str:
    """The name; empty for none."""
    return assessment_name(account_id, assessment_id) if assessment_id else ""


def _decision(number: int) -> Any:
    return assessment_pb2.Decision.ValueType(number)
